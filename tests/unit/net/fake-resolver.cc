/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-resolver.h"

using postseal_test::FakeResolver;

#define TEST_TYPE_RESOLVER (test_resolver_get_type ())
G_DECLARE_FINAL_TYPE (TestResolver, test_resolver, TEST, RESOLVER, GResolver)

struct _TestResolver
{
  GResolver parent_instance;
  FakeResolver *plan;
};

G_DEFINE_FINAL_TYPE (TestResolver, test_resolver, G_TYPE_RESOLVER)

static void
free_addresses (gpointer addresses)
{
  g_resolver_free_addresses (static_cast<GList *> (addresses));
}

static gboolean
answer (gpointer data)
{
  GTask *task = G_TASK (data);
  auto *family = static_cast<FakeResolver::Family *> (g_task_get_task_data (task));
  GList *list = nullptr;

  if (g_task_return_error_if_cancelled (task))
    return G_SOURCE_REMOVE;
  for (const std::string &address : family->addresses)
    list = g_list_append (list, g_inet_address_new_from_string (address.c_str ()));
  if (list == nullptr)
    g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no such name");
  else
    g_task_return_pointer (task, list, free_addresses);
  return G_SOURCE_REMOVE;
}

static void
lookup_async (GResolver *resolver,
              const char *,
              GResolverNameLookupFlags flags,
              GCancellable *cancellable,
              GAsyncReadyCallback callback,
              gpointer user_data)
{
  FakeResolver *plan = TEST_RESOLVER (resolver)->plan;
  FakeResolver::Family *family
      = flags == G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY ? &plan->ipv6 : &plan->ipv4;
  GTask *task = g_task_new (resolver, cancellable, callback, user_data);

  plan->lookups++;
  if (!plan->failure.empty ())
    {
      g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_TEMPORARY_FAILURE, "%s",
                               plan->failure.c_str ());
      g_object_unref (task);
      return;
    }
  g_task_set_task_data (task, family, nullptr);
  GSource *source = family->never_answers ? g_cancellable_source_new (cancellable)
                                          : g_timeout_source_new (family->delay_ms);
  if (family->never_answers)
    g_source_set_callback (
        source, G_SOURCE_FUNC (+[] (GCancellable *, gpointer data) { return answer (data); }), task,
        g_object_unref);
  else
    g_source_set_callback (source, answer, task, g_object_unref);
  g_source_attach (source, g_main_context_get_thread_default ());
  g_source_unref (source);
}

static GList *
lookup_finish (GResolver *, GAsyncResult *result, GError **error)
{
  return static_cast<GList *> (g_task_propagate_pointer (G_TASK (result), error));
}

static void
test_resolver_class_init (TestResolverClass *klass)
{
  G_RESOLVER_CLASS (klass)->lookup_by_name_with_flags_async = lookup_async;
  G_RESOLVER_CLASS (klass)->lookup_by_name_with_flags_finish = lookup_finish;
}

static void
test_resolver_init (TestResolver *)
{
}

namespace postseal_test
{

FakeResolver::FakeResolver ()
    : original_ (g_resolver_get_default ()),
      fake_ (G_RESOLVER (g_object_new (TEST_TYPE_RESOLVER, nullptr)))
{
  TEST_RESOLVER (fake_)->plan = this;
  g_resolver_set_default (fake_);
}

FakeResolver::~FakeResolver ()
{
  g_resolver_set_default (original_);
  g_object_unref (original_);
  g_object_unref (fake_);
}

} // namespace postseal_test
