/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gio.h>
#include <gio/gunixfdlist.h>

#include <deque>
#include <functional>
#include <string>

#include "engine/service.h"

/* A service that does nothing but remember what it was asked, until the test has it answer. */
struct TestRequest
{
  PostsealServiceRequest kind;
  GVariant *arguments; /* owned */
  GUnixFDList *descriptors; /* owned, nullable */
  GTask *task; /* owned */

  void answer (const char *dictionary);
  void fail (GQuark domain, int code, const char *message);
};

#define TEST_TYPE_SERVICE (test_service_get_type ())
G_DECLARE_FINAL_TYPE (TestService, test_service, TEST, SERVICE, GObject)

TestService *test_service_new ();
/* Waiting for an answer, oldest first. */
std::deque<TestRequest> &test_service_requests (TestService *self);
/* Takes the oldest out. */
TestRequest test_service_take (TestService *self);
void free_request (TestRequest &request);
/* Whoever asks is answered at once, by this. */
void test_service_set_handler (TestService *self, std::function<void (TestRequest &)> handler);
/* Returns: (transfer none) */
GListStore *test_service_accounts (TestService *self);
PostsealAccountStatus *test_service_add (TestService *self, const char *name);
