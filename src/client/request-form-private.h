/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gio/gunixfdlist.h>

#include "engine/service.h"

G_BEGIN_DECLS

/* What a request of the service is on the bus, and which arguments it takes. */

typedef struct
{
  const char *key;
  const char *type; /* as in D-Bus */
  gboolean is_required;
} PostsealRequestArgument;

typedef struct
{
  const char *interface;
  const char *method;
  gboolean takes_descriptors;
  PostsealRequestArgument arguments[6]; /* up to a key of NULL */
} PostsealRequestForm;

/* Returns: (nullable): NULL for a number that is no request */
const PostsealRequestForm *_postseal_request_form_get (PostsealServiceRequest request);
/* FALSE for a method that is none. */
gboolean _postseal_request_form_find (const char *interface,
                                      const char *method,
                                      PostsealServiceRequest *ret_request);

/**
 * _postseal_request_form_check:
 * @arguments: a{sv}, from anybody
 * @descriptors: (nullable): what came with them
 *
 * FALSE with POSTSEAL_SERVICE_ERROR 64 when one is missing, is of another type, or means a
 * descriptor that is not there. Keys that are unknown do not matter.
 */
gboolean _postseal_request_form_check (const PostsealRequestForm *self,
                                       GVariant *arguments,
                                       GUnixFDList *descriptors,
                                       GError **error);

G_END_DECLS
