/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lookup/name-resolver.h"

#include "lookup/dns-records.h"
#include "lookup/question.h"

struct _PostsealNameResolver
{
  GResolver parent_instance;

  PostsealDns *dns; /* borrowed */
};

G_DEFINE_FINAL_TYPE (PostsealNameResolver, postseal_name_resolver, G_TYPE_RESOLVER)

/* The answers to one or two questions. */
typedef struct
{
  GList *addresses; /* owned (element-type GInetAddress) */
  GError *error; /* owned, nullable: the first */
  guint n_open;
} Search;

static void
free_addresses (gpointer addresses)
{
  g_resolver_free_addresses (addresses);
}

static void
free_search (gpointer data)
{
  Search *self = data;

  free_addresses (self->addresses);
  g_clear_error (&self->error);
  g_free (self);
}

static void
add_addresses (Search *self, const PostsealDnsAnswer *answer)
{
  for (guint i = 0; i < answer->data->len; i++)
    {
      gsize length = 0;
      const guint8 *bytes = g_bytes_get_data (answer->data->pdata[i], &length);
      GSocketFamily family = length == 4 ? G_SOCKET_FAMILY_IPV4 : G_SOCKET_FAMILY_IPV6;

      if (length == 4 || length == 16)
        self->addresses
            = g_list_append (self->addresses, g_inet_address_new_from_bytes (bytes, family));
    }
}

/* GIO knows its own error by its name only. */
static void
return_addresses (GTask *task, Search *self)
{
  if (self->addresses != NULL)
    g_task_return_pointer (task, g_steal_pointer (&self->addresses), free_addresses);
  else if (self->error == NULL)
    g_task_return_new_error (task, G_RESOLVER_ERROR, G_RESOLVER_ERROR_NOT_FOUND, "no address");
  else
    g_task_return_error (task, g_steal_pointer (&self->error));
}

static void
on_answer (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Search *self = g_task_get_task_data (task);
  g_autoptr (GError) error = NULL;
  g_autoptr (PostsealDnsAnswer) answer = postseal_dns_ask_finish (result, &error);

  if (answer != NULL)
    add_addresses (self, answer);
  else if (self->error == NULL)
    self->error = g_steal_pointer (&error);
  if (--self->n_open == 0)
    return_addresses (task, self);
}

static void
lookup_with_flags_async (GResolver *resolver,
                         const char *name,
                         GResolverNameLookupFlags flags,
                         GCancellable *cancellable,
                         GAsyncReadyCallback callback,
                         gpointer user_data)
{
  PostsealDns *dns = POSTSEAL_NAME_RESOLVER (resolver)->dns;
  g_autoptr (GTask) task = g_task_new (resolver, cancellable, callback, user_data);
  Search *search = g_new0 (Search, 1);
  gboolean wants_ipv4 = (flags & G_RESOLVER_NAME_LOOKUP_FLAGS_IPV6_ONLY) == 0;
  gboolean wants_ipv6 = (flags & G_RESOLVER_NAME_LOOKUP_FLAGS_IPV4_ONLY) == 0;

  g_task_set_source_tag (task, lookup_with_flags_async);
  g_task_set_task_data (task, search, free_search);
  search->n_open = (wants_ipv4 ? 1 : 0) + (wants_ipv6 ? 1 : 0);
  if (wants_ipv4)
    postseal_dns_ask_async (dns, name, POSTSEAL_DNS_A, POSTSEAL_DNS_DENIAL_IS_ERROR, cancellable,
                            on_answer, g_object_ref (task));
  if (wants_ipv6)
    postseal_dns_ask_async (dns, name, POSTSEAL_DNS_AAAA, POSTSEAL_DNS_DENIAL_IS_ERROR, cancellable,
                            on_answer, g_object_ref (task));
}

static void
lookup_async (GResolver *resolver,
              const char *name,
              GCancellable *cancellable,
              GAsyncReadyCallback callback,
              gpointer user_data)
{
  lookup_with_flags_async (resolver, name, G_RESOLVER_NAME_LOOKUP_FLAGS_DEFAULT, cancellable,
                           callback, user_data);
}

static GList *
lookup_finish (GResolver *resolver, GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}

static void
postseal_name_resolver_class_init (PostsealNameResolverClass *klass)
{
  GResolverClass *resolver_class = G_RESOLVER_CLASS (klass);

  resolver_class->lookup_by_name_async = lookup_async;
  resolver_class->lookup_by_name_finish = lookup_finish;
  resolver_class->lookup_by_name_with_flags_async = lookup_with_flags_async;
  resolver_class->lookup_by_name_with_flags_finish = lookup_finish;
}

static void
postseal_name_resolver_init (PostsealNameResolver *self)
{
}

GResolver *
postseal_name_resolver_new (PostsealDns *dns)
{
  PostsealNameResolver *self = g_object_new (POSTSEAL_TYPE_NAME_RESOLVER, NULL);

  self->dns = dns;
  return G_RESOLVER (self);
}
