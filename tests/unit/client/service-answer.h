/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "engine/service.h"

/* What came of a request; owns both. */
struct Answer
{
  std::shared_ptr<GVariant> value;
  std::shared_ptr<GError> error;

  std::string
  text () const
  {
    g_autofree char *printed = value ? g_variant_print (value.get (), TRUE) : g_strdup ("");

    return printed;
  }
  int
  code () const
  {
    return error && error->domain == POSTSEAL_SERVICE_ERROR ? error->code : -1;
  }
  std::string
  message () const
  {
    return error ? error->message : "";
  }
};

inline Answer
finish (PostsealService *service, GAsyncResult *result)
{
  GError *error = nullptr;
  GVariant *value = postseal_service_request_finish (service, result, &error);
  Answer answer;

  EXPECT_NE (value == nullptr, error == nullptr);
  if (value != nullptr)
    answer.value.reset (value, g_variant_unref);
  if (error != nullptr)
    answer.error.reset (error, g_error_free);
  return answer;
}

/* A request whose answer is not waited for at once. */
struct Asked
{
  bool is_done = false;
  Answer answer;

  static void
  on_done (GObject *source, GAsyncResult *result, gpointer user_data)
  {
    auto *self = static_cast<Asked *> (user_data);

    self->answer = finish (POSTSEAL_SERVICE (source), result);
    self->is_done = true;
  }
};

inline GVariant *
dictionary (const char *text)
{
  return g_variant_new_parsed (text);
}

template <typename T>
T
property (gpointer object, const char *name)
{
  T value{};

  g_object_get (object, name, &value, nullptr);
  return value;
}

inline std::vector<std::string>
names_of (PostsealService *service)
{
  GListModel *model = postseal_service_get_accounts (service);
  std::vector<std::string> names;

  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (PostsealAccountStatus) status
          = POSTSEAL_ACCOUNT_STATUS (g_list_model_get_item (model, i));

      names.push_back (postseal_account_status_get_name (status));
    }
  return names;
}
