/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/trace-checks.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/printable.h"

/* What a method has looked at, the most telling first. */
static const struct
{
  const char *method;
  const char *properties[4];
} subjects[] = {
  { "spf", { "smtp.mailfrom", "smtp.helo", NULL } },
  { "dkim", { "header.d", "header.i", "header.from", NULL } },
  { "dmarc", { "header.from", NULL } },
  { "auth", { "smtp.auth", "smtp.mailfrom", NULL } },
  { "iprev", { "policy.iprev", NULL } },
  { "arc", { "header.oldest-pass", "smtp.remote-ip", NULL } },
};

static const char *
find_subject (const PostsealAuthenticationResult *result)
{
  for (gsize i = 0; i < G_N_ELEMENTS (subjects); i++)
    if (g_ascii_strcasecmp (subjects[i].method, result->method) == 0)
      for (gsize j = 0; subjects[i].properties[j] != NULL; j++)
        {
          const char *value
              = postseal_authentication_result_get (result, subjects[i].properties[j]);

          if (value != NULL)
            return value;
        }
  return result->values[0];
}

static void
add_result (PostsealPage *page, const PostsealAuthenticationResult *result)
{
  g_autofree char *method = g_ascii_strup (result->method, -1);
  g_autofree char *label = postseal_printable (method, -1);
  const char *about = find_subject (result);
  g_autoptr (GString) text = g_string_new (NULL);
  gboolean is_good = g_ascii_strcasecmp (result->result, "pass") == 0
                     || g_ascii_strcasecmp (result->result, "none") == 0
                     || g_ascii_strcasecmp (result->result, "neutral") == 0;

  if (about != NULL)
    /* Translators: the result of a check, and what was checked: "pass for example.com" */
    g_string_append_printf (text, _ ("%s for %s"), result->result, about);
  else
    g_string_append (text, result->result);
  if (result->reason != NULL)
    g_string_append_printf (text, ": %s", result->reason);
  postseal_page_add_entry (page, label, text->str,
                           is_good ? POSTSEAL_PAGE_PLAIN : POSTSEAL_PAGE_NOTABLE);
}

static char *
describe_trust (const PostsealTraceSubject *subject, const PostsealChecks *checks)
{
  const char *id = checks->results->authserv_id;

  switch (checks->trust)
    {
    case POSTSEAL_CHECKS_TRUSTED:
      return g_strdup_printf (_ ("Checks by %s (trusted)"), id);
    case POSTSEAL_CHECKS_PLACE:
      return g_strdup_printf (_ ("Checks, as if by %s, but where a stranger may have written it"),
                              id);
    case POSTSEAL_CHECKS_REPEATED:
      return g_strdup_printf (_ ("Checks, as if by %s, which has said otherwise above"), id);
    case POSTSEAL_CHECKS_STRANGER:
      if (subject->account != NULL)
        return g_strdup_printf (_ ("Checks claimed by %s, whom account %s does not list"), id,
                                subject->account->name);
      return g_strdup_printf (_ ("Checks claimed by %s"), id);
    case POSTSEAL_CHECKS_NOBODY:
    default:
      return g_strdup (_ ("Checks claimed by nobody in particular"));
    }
}

/* @said: (inout): the last title, which is not repeated */
static void
add_checks (PostsealPage *page,
            const PostsealTraceSubject *subject,
            const PostsealChecks *checks,
            gboolean is_verbose,
            char **said)
{
  g_autofree char *title = describe_trust (subject, checks);
  g_autofree char *field = postseal_trace_subject_get_field (subject, checks->field);
  const GPtrArray *results = checks->results->results;

  if (g_strcmp0 (title, *said) != 0)
    {
      postseal_page_add_gap (page);
      postseal_page_add_sentence (page, title, POSTSEAL_PAGE_STRONG);
      g_free (*said);
      *said = g_steal_pointer (&title);
    }
  for (guint i = 0; i < results->len; i++)
    add_result (page, g_ptr_array_index (results, i));
  if (results->len == 0 && checks->results->is_whole)
    postseal_page_add_entry (page, "", _ ("none were made"), POSTSEAL_PAGE_PLAIN);
  if (is_verbose || !checks->results->is_whole)
    postseal_page_add_entry (page, "", field, POSTSEAL_PAGE_PLAIN);
}

/* What may stand in a command to be copied. */
static gboolean
is_server_name (const char *name)
{
  if (name == NULL || strchr (name, '.') == NULL || !g_ascii_isalnum (*name)
      || g_hostname_is_ip_address (name))
    return FALSE;
  for (const char *at = name; *at != '\0'; at++)
    if (!g_ascii_isalnum (*at) && strchr ("-_.", *at) == NULL)
      return FALSE;
  return TRUE;
}

/* The latest server that names itself, which is the provider's. Returns: (transfer none) (nullable)
 */
static const char *
find_provider (const PostsealJourney *journey)
{
  for (guint i = 0; i < journey->hops->len; i++)
    {
      const PostsealHop *hop = g_ptr_array_index (journey->hops, i);

      if (!hop->is_own)
        return is_server_name (hop->received->by) ? hop->received->by : NULL;
    }
  return NULL;
}

/* Only about a message that came from the provider: of any other, nothing is worth a rule. */
static void
add_advice (PostsealPage *page, const PostsealTraceSubject *subject)
{
  const char *name = find_provider (subject->journey);
  g_autofree char *advice = NULL;

  if (subject->sightings->len == 0 || subject->account == NULL
      || subject->account->authserv_ids != NULL || name == NULL)
    return;
  advice = g_strdup_printf (_ ("→ If %s is a server of your provider, what it says can be trusted: "
                               "postseal account edit %s authserv-ids=%s"),
                            name, subject->account->name, name);
  postseal_page_add_gap (page);
  postseal_page_add_sentence (page, advice, POSTSEAL_PAGE_PLAIN);
}

void
postseal_trace_checks_add (PostsealPage *page,
                           const PostsealTraceSubject *subject,
                           gboolean is_verbose)
{
  const GPtrArray *checks = subject->journey->checks;
  g_autofree char *said = NULL;

  for (guint i = 0; i < checks->len; i++)
    add_checks (page, subject, g_ptr_array_index (checks, i), is_verbose, &said);
  add_advice (page, subject);
}
