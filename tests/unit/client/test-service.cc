/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "test-service.h"

struct _TestService
{
  GObject parent;

  GListStore *accounts;
  std::deque<TestRequest> *requests;
  std::function<void (TestRequest &)> *handler;
  gboolean is_online;
  gboolean is_metered;
  gboolean is_unattended;
  char **problems;
};

enum
{
  PROP_ONLINE = 1,
  PROP_METERED,
  PROP_UNATTENDED,
  PROP_PROBLEMS,
};

static void test_service_iface_init (PostsealServiceInterface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (TestService,
                               test_service,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_SERVICE,
                                                      test_service_iface_init))

void
TestRequest::answer (const char *dictionary)
{
  GVariant *value = g_variant_new_parsed (dictionary);

  g_task_return_pointer (task, g_variant_ref_sink (value), (GDestroyNotify)g_variant_unref);
}

void
TestRequest::fail (GQuark domain, int code, const char *message)
{
  g_task_return_error (task, g_error_new_literal (domain, code, message));
}

void
free_request (TestRequest &request)
{
  g_clear_pointer (&request.arguments, g_variant_unref);
  g_clear_object (&request.descriptors);
  g_clear_object (&request.task);
}

TestService *
test_service_new ()
{
  return TEST_SERVICE (g_object_new (TEST_TYPE_SERVICE, nullptr));
}

std::deque<TestRequest> &
test_service_requests (TestService *self)
{
  return *self->requests;
}

TestRequest
test_service_take (TestService *self)
{
  TestRequest request = self->requests->front ();

  self->requests->pop_front ();
  return request;
}

void
test_service_set_handler (TestService *self, std::function<void (TestRequest &)> handler)
{
  *self->handler = std::move (handler);
}

GListStore *
test_service_accounts (TestService *self)
{
  return self->accounts;
}

PostsealAccountStatus *
test_service_add (TestService *self, const char *name)
{
  g_autoptr (PostsealAccountStatus) status = postseal_account_status_new (name);

  g_list_store_append (self->accounts, status);
  return status;
}

static GListModel *
get_accounts (PostsealService *service)
{
  return G_LIST_MODEL (TEST_SERVICE (service)->accounts);
}

static void
request_async (PostsealService *service,
               PostsealServiceRequest kind,
               GVariant *arguments,
               GUnixFDList *descriptors,
               GCancellable *cancellable,
               GAsyncReadyCallback callback,
               gpointer user_data)
{
  TestService *self = TEST_SERVICE (service);
  TestRequest request
      = { kind, g_variant_ref (arguments),
          descriptors != nullptr ? G_UNIX_FD_LIST (g_object_ref (descriptors)) : nullptr,
          g_task_new (service, cancellable, callback, user_data) };

  if (*self->handler)
    {
      (*self->handler) (request);
      free_request (request);
    }
  else
    self->requests->push_back (request);
}

static GVariant *
request_finish (PostsealService *service, GAsyncResult *result, GError **error)
{
  return static_cast<GVariant *> (g_task_propagate_pointer (G_TASK (result), error));
}

static void
test_service_iface_init (PostsealServiceInterface *iface)
{
  iface->get_accounts = get_accounts;
  iface->request_async = request_async;
  iface->request_finish = request_finish;
}

static void
test_service_get_property (GObject *object, guint id, GValue *value, GParamSpec *)
{
  TestService *self = TEST_SERVICE (object);

  if (id == PROP_PROBLEMS)
    g_value_set_boxed (value, self->problems);
  else
    g_value_set_boolean (value, id == PROP_ONLINE    ? self->is_online
                                : id == PROP_METERED ? self->is_metered
                                                     : self->is_unattended);
}

static void
test_service_set_property (GObject *object, guint id, const GValue *value, GParamSpec *)
{
  TestService *self = TEST_SERVICE (object);

  if (id == PROP_PROBLEMS)
    {
      g_strfreev (self->problems);
      self->problems = static_cast<char **> (g_value_dup_boxed (value));
    }
  else if (id == PROP_ONLINE)
    self->is_online = g_value_get_boolean (value);
  else if (id == PROP_METERED)
    self->is_metered = g_value_get_boolean (value);
  else
    self->is_unattended = g_value_get_boolean (value);
}

static void
test_service_finalize (GObject *object)
{
  TestService *self = TEST_SERVICE (object);

  for (auto &request : *self->requests)
    free_request (request);
  delete self->requests;
  delete self->handler;
  g_clear_object (&self->accounts);
  g_strfreev (self->problems);
  G_OBJECT_CLASS (test_service_parent_class)->finalize (object);
}

static void
test_service_class_init (TestServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = static_cast<GParamFlags> (G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);

  object_class->get_property = test_service_get_property;
  object_class->set_property = test_service_set_property;
  object_class->finalize = test_service_finalize;
  g_object_class_install_property (object_class, PROP_ONLINE,
                                   g_param_spec_boolean ("online", nullptr, nullptr, FALSE, flags));
  g_object_class_install_property (
      object_class, PROP_METERED, g_param_spec_boolean ("metered", nullptr, nullptr, FALSE, flags));
  g_object_class_install_property (
      object_class, PROP_UNATTENDED,
      g_param_spec_boolean ("unattended", nullptr, nullptr, FALSE, flags));
  g_object_class_install_property (
      object_class, PROP_PROBLEMS,
      g_param_spec_boxed ("problems", nullptr, nullptr, G_TYPE_STRV, flags));
}

static void
test_service_init (TestService *self)
{
  self->accounts = g_list_store_new (POSTSEAL_TYPE_ACCOUNT_STATUS);
  self->requests = new std::deque<TestRequest>;
  self->handler = new std::function<void (TestRequest &)>;
  self->problems = g_new0 (char *, 1);
}
