/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "lookup/dns.h"

#include <string.h>
#include <unistd.h>

#include <glib-unix.h>
#include <glib/gi18n.h>
#include <unbound.h>

#include "base/limits.h"
#include "lookup/dns-records.h"
#include "lookup/question.h"

#define CLASS_IN 1
#define RCODE_NOERROR 0
#define RCODE_NXDOMAIN 3

/* Where systems keep the keys of the root (RFC 5011 or installed). */
static const char *const anchors[] = { "/usr/share/dns/root.key", "/var/lib/unbound/root.key",
                                       "/etc/unbound/root.key", "/etc/trusted-key.key", NULL };

/* Whether signatures come through at all: many a router leaves them out. */
typedef enum
{
  SIGHT_UNKNOWN,
  SIGHT_TRIED, /* the root, whose signatures are surely there, is being asked */
  SIGHT_GOOD,
  SIGHT_NONE,
} Sight;

struct _PostsealDns
{
  struct ub_ctx *context; /* owned; NULL: it cannot be had */
  guint watch;
  Sight sight;
  GPtrArray *doubtful; /* owned (element-type GTask), borrowed: bogus, if signatures come through */
  char *server; /* owned, nullable */
  PostsealDns *blind; /* owned: without an anchor; NULL until it is needed, and of itself */
};

/* One question. */
typedef struct
{
  PostsealDns *dns; /* borrowed: lives longer */
  PostsealDns *asked; /* borrowed: the same, or its blind one */
  char *name; /* owned */
  int type;
  PostsealDnsDenial denial;
  int id; /* of libunbound */
  GSource *canceller; /* owned, nullable */
} Ask;

void
postseal_dns_answer_free (PostsealDnsAnswer *self)
{
  g_ptr_array_unref (self->data);
  g_free (self->canonical);
  g_free (self);
}

static void
free_ask (gpointer data)
{
  Ask *self = data;

  g_free (self->name);
  g_free (self);
}

/* --- the resolver --- */

static const char *
find_anchor (const char *anchor)
{
  if (anchor != NULL)
    return access (anchor, R_OK) == 0 ? anchor : NULL;
  for (gsize i = 0; anchors[i] != NULL; i++)
    if (access (anchors[i], R_OK) == 0)
      return anchors[i];
  return NULL;
}

/* @anchor: (nullable): a file. Returns: whether it can be asked */
static gboolean
set_up (struct ub_ctx *context, const char *server, const char *anchor)
{
  g_autofree char *address = g_strdup (server);

  /* Many a system has its resolver on this machine. */
  if (ub_ctx_async (context, 1) != 0
      || ub_ctx_set_option (context, "do-not-query-localhost:", "no") != 0)
    return FALSE;
  (void)ub_ctx_debugout (context, NULL);
  (void)ub_ctx_set_option (context, "trust-anchor-signaling:", "no"); /* only what is asked for */
  if (anchor != NULL && ub_ctx_add_ta_file (context, anchor) != 0)
    return FALSE;
  if (server == NULL)
    return ub_ctx_resolvconf (context, NULL) == 0;
  if (ub_ctx_set_fwd (context, address) != 0)
    return FALSE;
  /* Names that libunbound never asks anybody about (RFC 6761), but this server is meant to know.
     Nothing can be set after this. */
  return ub_ctx_zone_remove (context, "test.") == 0
         && ub_ctx_zone_remove (context, "localhost.") == 0;
}

static gboolean
on_answers (int fd, GIOCondition condition, gpointer user_data)
{
  PostsealDns *self = user_data;

  (void)ub_process (self->context);
  return G_SOURCE_CONTINUE;
}

static PostsealDns *
make_dns (const char *server, const char *anchor)
{
  PostsealDns *self = g_new0 (PostsealDns, 1);

  self->doubtful = g_ptr_array_new ();
  self->server = g_strdup (server);
  self->context = ub_ctx_create ();
  if (self->context != NULL && !set_up (self->context, server, anchor))
    g_clear_pointer (&self->context, ub_ctx_delete);
  if (self->context != NULL)
    self->watch = g_unix_fd_add (ub_fd (self->context), G_IO_IN, on_answers, self);
  return self;
}

PostsealDns *
postseal_dns_new (const char *server, const char *anchor)
{
  return make_dns (server, find_anchor (anchor));
}

void
postseal_dns_free (PostsealDns *self)
{
  g_clear_pointer (&self->blind, postseal_dns_free);
  if (self->watch != 0)
    g_source_remove (self->watch);
  g_clear_pointer (&self->context, ub_ctx_delete);
  g_ptr_array_unref (self->doubtful);
  g_free (self->server);
  g_free (self);
}

/* --- answers --- */

/* Returns: (transfer full) (nullable) */
static char *
find_alias (const struct ub_result *result)
{
  g_autofree char *name = NULL;

  if (result->canonname == NULL || *result->canonname == '\0')
    return NULL;
  name = g_ascii_strdown (result->canonname, -1);
  if (g_str_has_suffix (name, "."))
    name[strlen (name) - 1] = '\0';
  return g_steal_pointer (&name);
}

static PostsealDnsAnswer *
make_answer (const struct ub_result *result)
{
  PostsealDnsAnswer *answer = g_new0 (PostsealDnsAnswer, 1);

  answer->is_secure = result->secure != 0;
  answer->canonical = find_alias (result);
  answer->data = g_ptr_array_new_with_free_func ((GDestroyNotify)g_bytes_unref);
  for (gsize i = 0;
       result->havedata && result->data[i] != NULL && i < POSTSEAL_LIMIT_LOOKUP_RECORDS; i++)
    g_ptr_array_add (answer->data, g_bytes_new (result->data[i], (gsize)result->len[i]));
  return answer;
}

static void
return_result (GTask *task, const Ask *ask, const struct ub_result *result)
{
  const char *name = ask->name;
  gboolean is_denial = result->rcode == RCODE_NOERROR || result->rcode == RCODE_NXDOMAIN;

  if (result->havedata || (is_denial && ask->denial == POSTSEAL_DNS_DENIAL_IS_ANSWER))
    g_task_return_pointer (task, make_answer (result), (GDestroyNotify)postseal_dns_answer_free);
  else if (is_denial)
    g_task_return_new_error (task, POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_NOTHING,
                             _ ("The DNS has nothing about %s"), name);
  else
    g_task_return_new_error (task, POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_UNREACHABLE,
                             _ ("The DNS cannot be asked about %s: there is no answer from a "
                                "server that knows"),
                             name);
}

static void
return_failure (GTask *task, const char *name, int status)
{
  g_task_return_new_error (task, POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_UNREACHABLE,
                           _ ("The DNS cannot be asked about %s: %s"), name, ub_strerror (status));
}

static void
disarm (Ask *self)
{
  if (self->canceller != NULL)
    g_source_destroy (self->canceller);
  g_clear_pointer (&self->canceller, g_source_unref);
}

static void on_result (void *user_data, int status, struct ub_result *result);

/* Takes the task when it fails. */
static gboolean
resolve (GTask *task, PostsealDns *whom)
{
  Ask *self = g_task_get_task_data (task);
  int status = UB_INITFAIL;

  self->asked = whom;
  if (whom->context != NULL)
    status = ub_resolve_async (whom->context, self->name, self->type, CLASS_IN, task, on_result,
                               &self->id);
  if (status == 0)
    return TRUE;
  disarm (self);
  return_failure (task, self->name, status);
  g_object_unref (task);
  return FALSE;
}

/* --- whether signatures come through --- */

static gboolean
resolve_blindly (GTask *task)
{
  const Ask *self = g_task_get_task_data (task);

  if (self->dns->blind == NULL)
    self->dns->blind = make_dns (self->dns->server, NULL);
  return resolve (task, self->dns->blind);
}

static void
return_bogus (GTask *task)
{
  Ask *self = g_task_get_task_data (task);

  disarm (self);
  g_task_return_new_error (task, POSTSEAL_QUESTION_ERROR, POSTSEAL_QUESTION_ERROR_BOGUS,
                           _ ("What the DNS says of %s is signed wrongly: somebody meddles with "
                              "it, or its owner has made a mistake"),
                           self->name);
  g_object_unref (task);
}

static void
on_root (void *user_data, int status, struct ub_result *result)
{
  PostsealDns *self = user_data;
  g_autoptr (GPtrArray) doubtful = g_steal_pointer (&self->doubtful);

  self->doubtful = g_ptr_array_new ();
  self->sight = result != NULL && result->bogus ? SIGHT_NONE : SIGHT_GOOD;
  ub_resolve_free (result);
  for (guint i = 0; i < doubtful->len; i++)
    if (self->sight == SIGHT_NONE)
      (void)resolve_blindly (doubtful->pdata[i]);
    else
      return_bogus (doubtful->pdata[i]);
}

/* An answer without the signatures that belong to it: is it this one, or all of them? */
static void
doubt (GTask *task)
{
  PostsealDns *self = ((Ask *)g_task_get_task_data (task))->dns;
  char root[] = ".";

  if (self->sight == SIGHT_NONE)
    (void)resolve_blindly (task);
  else if (self->sight == SIGHT_GOOD)
    return_bogus (task);
  else
    {
      g_ptr_array_add (self->doubtful, task);
      if (self->sight == SIGHT_TRIED)
        return;
      self->sight = SIGHT_TRIED;
      if (ub_resolve_async (self->context, root, POSTSEAL_DNS_DNSKEY, CLASS_IN, self, on_root, NULL)
          != 0)
        on_root (self, 0, NULL);
    }
}

/* --- questions --- */

static void
on_result (void *user_data, int status, struct ub_result *result)
{
  GTask *task = user_data;
  Ask *self = g_task_get_task_data (task);

  if (status == 0 && result != NULL && result->bogus)
    doubt (task);
  else
    {
      disarm (self);
      if (status != 0 || result == NULL)
        return_failure (task, self->name, status);
      else
        return_result (task, self, result);
      g_object_unref (task);
    }
  ub_resolve_free (result);
}

static gboolean
on_cancelled (GCancellable *cancellable, gpointer user_data)
{
  g_autoptr (GTask) task = user_data;
  Ask *self = g_task_get_task_data (task);

  disarm (self);
  if (!g_ptr_array_remove (self->dns->doubtful, task))
    (void)ub_cancel (self->asked->context, self->id);
  (void)g_task_return_error_if_cancelled (task);
  return G_SOURCE_REMOVE;
}

void
postseal_dns_ask_async (PostsealDns *self,
                        const char *name,
                        int type,
                        PostsealDnsDenial denial,
                        GCancellable *cancellable,
                        GAsyncReadyCallback callback,
                        gpointer user_data)
{
  GTask *task = g_task_new (NULL, cancellable, callback, user_data);
  Ask *ask = g_new0 (Ask, 1);

  g_task_set_source_tag (task, postseal_dns_ask_async);
  ask->dns = self;
  ask->name = g_strdup (name);
  ask->type = type;
  ask->denial = denial;
  g_task_set_task_data (task, ask, free_ask);
  if (g_task_return_error_if_cancelled (task))
    {
      g_object_unref (task);
      return;
    }
  if (!(self->sight == SIGHT_NONE ? resolve_blindly (task) : resolve (task, self))
      || cancellable == NULL)
    return;
  ask->canceller = g_cancellable_source_new (cancellable);
  g_source_set_callback (ask->canceller, G_SOURCE_FUNC (on_cancelled), task, NULL);
  g_source_attach (ask->canceller, NULL);
}

PostsealDnsAnswer *
postseal_dns_ask_finish (GAsyncResult *result, GError **error)
{
  return g_task_propagate_pointer (G_TASK (result), error);
}
