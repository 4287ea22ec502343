/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "engine/account.h"

#include <string.h>

#include "engine/account-span.h"
#include "engine/account-text.h"
#include "engine/account-url.h"

typedef char *(*ShowFunc) (const PostsealAccount *self);

static const char *
name_level (PostsealTlsLevel level)
{
  static const char *const names[] = {
    [POSTSEAL_TLS_ENFORCED] = "enforced",
    [POSTSEAL_TLS_OPPORTUNISTIC] = "opportunistic",
    [POSTSEAL_TLS_LOOPBACK] = "loopback",
  };

  return names[level];
}

/* Both directions share everything but the level. */
static const PostsealTlsPolicy *
get_policy (const PostsealAccount *self)
{
  return self->receive_policy != NULL ? self->receive_policy : self->send_policy;
}

static char *
show_yes_no (gboolean value)
{
  return g_strdup (value ? "yes" : "no");
}

static char *
show_address (const PostsealAccount *self)
{
  return g_strdup (self->address);
}

static char *
show_name (const PostsealAccount *self)
{
  return g_strdup (self->full_name);
}

static char *
show_receive (const PostsealAccount *self)
{
  if (self->receive == NULL)
    return NULL;
  return postseal_account_url_format (self->receive, self->receive_user);
}

static char *
show_receive_tls (const PostsealAccount *self)
{
  return self->receive != NULL ? g_strdup (name_level (self->receive_policy->level)) : NULL;
}

static char *
show_send (const PostsealAccount *self)
{
  return self->send != NULL ? postseal_account_url_format (self->send, self->send_user) : NULL;
}

static char *
show_send_tls (const PostsealAccount *self)
{
  return self->send != NULL ? g_strdup (name_level (self->send_policy->level)) : NULL;
}

static char *
show_send_as (const PostsealAccount *self)
{
  return postseal_account_text_join_list (self->send_as);
}

static char *
show_retry_for (const PostsealAccount *self)
{
  return self->send != NULL ? postseal_account_span_format (self->retry_seconds) : NULL;
}

static char *
show_folders (const PostsealAccount *self)
{
  return self->receive != NULL ? postseal_account_text_join_list (self->folders) : NULL;
}

static char *
show_layout (const PostsealAccount *self)
{
  static const char *const names[] = {
    [POSTSEAL_LAYOUT_MAILDIRPP] = "maildir++",
    [POSTSEAL_LAYOUT_FS] = "fs",
    [POSTSEAL_LAYOUT_SINGLE] = "single",
  };

  return self->receive != NULL ? g_strdup (names[self->layout]) : NULL;
}

static char *
show_keep (const PostsealAccount *self)
{
  if (self->receive == NULL)
    return NULL;
  if (self->keep == POSTSEAL_KEEP_TIME)
    return postseal_account_span_format (self->keep_seconds);
  return show_yes_no (self->keep == POSTSEAL_KEEP_FOREVER);
}

static char *
show_deliver (const PostsealAccount *self)
{
  return g_strdup (self->deliver);
}

static char *
show_trace_header (const PostsealAccount *self)
{
  return self->receive != NULL ? show_yes_no (self->trace_header) : NULL;
}

static char *
show_authserv_ids (const PostsealAccount *self)
{
  return postseal_account_text_join_list (self->authserv_ids);
}

static char *
show_compress (const PostsealAccount *self)
{
  return self->receive != NULL ? show_yes_no (self->compress) : NULL;
}

static char *
show_push (const PostsealAccount *self)
{
  return self->receive != NULL ? show_yes_no (self->push) : NULL;
}

static char *
show_interval (const PostsealAccount *self)
{
  return self->receive != NULL ? postseal_account_span_format (self->interval_seconds) : NULL;
}

static char *
show_tls_min (const PostsealAccount *self)
{
  const PostsealTlsPolicy *policy = get_policy (self);

  if (policy == NULL)
    return NULL;
  return g_strdup (policy->min == POSTSEAL_TLS_MIN_1_3 ? "1.3" : "1.2");
}

static char *
show_ca_file (const PostsealAccount *self)
{
  const PostsealTlsPolicy *policy = get_policy (self);

  return policy != NULL ? g_strdup (policy->ca_file) : NULL;
}

static char *
show_crl_file (const PostsealAccount *self)
{
  const PostsealTlsPolicy *policy = get_policy (self);

  return policy != NULL ? g_strdup (policy->crl_file) : NULL;
}

static char *
show_pin (const PostsealAccount *self)
{
  const PostsealTlsPolicy *policy = get_policy (self);

  return policy != NULL ? postseal_account_text_join_list (policy->pins) : NULL;
}

static char *
show_dane (const PostsealAccount *self)
{
  static const char *const words[] = { "auto", "require", "off" };

  return g_strdup (words[self->dane]);
}

static char *
show_client_certificate (const PostsealAccount *self)
{
  const PostsealTlsPolicy *policy = get_policy (self);

  return policy != NULL ? g_strdup (policy->client_certificate) : NULL;
}

static char *
show_client_key (const PostsealAccount *self)
{
  const PostsealTlsPolicy *policy = get_policy (self);

  return policy != NULL ? g_strdup (policy->client_key) : NULL;
}

static char *
show_auth (const PostsealAccount *self)
{
  if (self->auth_none)
    return g_strdup ("none");
  return self->auth != NULL ? postseal_account_text_join_list (self->auth) : g_strdup ("auto");
}

static char *
show_password (const PostsealAccount *self)
{
  return g_strdup (self->password);
}

static char *
show_timeout (const PostsealAccount *self)
{
  return postseal_account_span_format (self->timeout_ms / 1000);
}

static char *
show_connections (const PostsealAccount *self)
{
  return self->receive != NULL ? g_strdup_printf ("%u", self->connections) : NULL;
}

static char *
show_notify (const PostsealAccount *self)
{
  static const char *const names[] = {
    [POSTSEAL_NOTIFY_COUNT] = "count",
    [POSTSEAL_NOTIFY_DETAILS] = "details",
    [POSTSEAL_NOTIFY_NO] = "no",
  };

  return self->receive != NULL ? g_strdup (names[self->notify]) : NULL;
}

static char *
show_on_mail (const PostsealAccount *self)
{
  g_autoptr (GString) text = g_string_new ("command:");

  if (self->on_mail == NULL)
    return NULL;
  for (gsize i = 0; self->on_mail[i] != NULL; i++)
    {
      g_autofree char *quoted = g_shell_quote (self->on_mail[i]);
      gboolean is_plain = *self->on_mail[i] != '\0'
                          && strpbrk (self->on_mail[i], " \t\n\"'\\$`|&;<>()*?[]#~=%") == NULL;

      g_string_append_printf (text, "%s%s", i > 0 ? " " : "", is_plain ? self->on_mail[i] : quoted);
    }
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static const struct
{
  const char *key;
  ShowFunc show;
} settings[] = {
  { "address", show_address },
  { "name", show_name },
  { "receive", show_receive },
  { "receive-tls", show_receive_tls },
  { "folders", show_folders },
  { "layout", show_layout },
  { "keep", show_keep },
  { "deliver", show_deliver },
  { "trace-header", show_trace_header },
  { "authserv-ids", show_authserv_ids },
  { "compress", show_compress },
  { "push", show_push },
  { "interval", show_interval },
  { "connections", show_connections },
  { "notify", show_notify },
  { "on-mail", show_on_mail },
  { "send", show_send },
  { "send-tls", show_send_tls },
  { "send-as", show_send_as },
  { "retry-for", show_retry_for },
  { "tls-min", show_tls_min },
  { "ca-file", show_ca_file },
  { "crl-file", show_crl_file },
  { "pin", show_pin },
  { "dane", show_dane },
  { "client-certificate", show_client_certificate },
  { "client-key", show_client_key },
  { "auth", show_auth },
  { "password", show_password },
  { "timeout", show_timeout },
};

char *
postseal_account_get_setting (PostsealAccount *self, const char *key)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (key != NULL, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    if (strcmp (settings[i].key, key) == 0)
      return settings[i].show (self);
  return NULL;
}

gboolean
postseal_account_equal (PostsealAccount *a, PostsealAccount *b)
{
  if (a == NULL || b == NULL || strcmp (a->name, b->name) != 0)
    return a == b;
  for (gsize i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      g_autofree char *first = settings[i].show (a);
      g_autofree char *second = settings[i].show (b);

      if (g_strcmp0 (first, second) != 0)
        return FALSE;
    }
  return TRUE;
}
