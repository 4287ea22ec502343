/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/trace-page.h"

#include <glib/gi18n.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/printable.h"
#include "cli/outbox-words.h"
#include "cli/page.h"
#include "cli/report.h"
#include "cli/time-words.h"
#include "cli/trace-checks.h"

#define PLAIN POSTSEAL_PAGE_PLAIN

/* --- the hops that the header tells of --- */

/* "mail.example.com (mx1.example.com [192.0.2.1])": what it called itself, and what was seen. */
static char *
describe_client (const PostsealReceived *received)
{
  g_autoptr (GString) text = g_string_new (received->from);
  gboolean has_name = received->from_name != NULL
                      && g_strcmp0 (received->from_name, received->from) != 0
                      && received->from != NULL;

  if (received->from == NULL && received->from_address == NULL)
    return g_strdup (received->way == POSTSEAL_RECEIVED_LOCAL ? _ ("a program there")
                                                              : _ ("not said from where"));
  if (has_name)
    g_string_append_printf (text, " (%s", received->from_name);
  if (received->from_address != NULL
      && (received->from == NULL || strstr (received->from, received->from_address) == NULL))
    g_string_append_printf (text, "%s[%s]", text->len > 0 ? " " : "", received->from_address);
  if (has_name)
    g_string_append_c (text, ')');
  return g_string_free (g_steal_pointer (&text), FALSE);
}

static char *
describe_way (const PostsealReceived *received)
{
  switch (received->way)
    {
    case POSTSEAL_RECEIVED_ENCRYPTED:
      if (received->tls_version != NULL && received->cipher != NULL)
        return g_strdup_printf (_ ("encrypted (%s, %s)"), received->tls_version, received->cipher);
      if (received->tls_version != NULL || received->cipher != NULL)
        return g_strdup_printf (_ ("encrypted (%s)"), received->tls_version != NULL
                                                          ? received->tls_version
                                                          : received->cipher);
      return g_strdup (_ ("encrypted"));
    case POSTSEAL_RECEIVED_LOCAL:
      return g_strdup (_ ("within one computer"));
    case POSTSEAL_RECEIVED_CLEAR:
      return g_strdup (postseal_received_is_loopback (received) ? _ ("within one computer")
                                                                : _ ("not encrypted"));
    case POSTSEAL_RECEIVED_UNKNOWN:
    default:
      return g_strdup (_ ("whether encrypted is not said"));
    }
}

/* @before: (inout): the time of the hop before, 0: not known. Returns: (transfer full): ", 2 s
   later", or nothing */
static char *
describe_time (const PostsealReceived *received, gint64 *before)
{
  gint64 delay = received->time - *before;
  gboolean has_before = *before != 0;
  g_autofree char *time = NULL;
  g_autofree char *span = NULL;

  if (!received->has_time)
    return g_strdup ("");
  *before = received->time;
  time = postseal_report_format_time (received->time);
  span = postseal_time_words_span (delay < 0 ? -delay : delay);
  if (!has_before)
    return g_strdup_printf ("; %s", time);
  if (delay < 0)
    /* Translators: how much earlier a time is than the one before: "2 s" */
    return g_strdup_printf (_ ("; by a clock that is %s behind"), span);
  /* Translators: how much later than the hop before: "2 s" */
  return g_strdup_printf (_ ("; %s later"), span);
}

static void
add_field (PostsealPage *page, const PostsealTraceSubject *subject, guint index)
{
  g_autofree char *text = postseal_trace_subject_get_field (subject, index);

  postseal_page_add_entry (page, "", text, PLAIN);
}

static void
add_hop (PostsealPage *page,
         const PostsealTraceSubject *subject,
         const PostsealHop *hop,
         guint number,
         gint64 *before,
         gboolean is_verbose)
{
  const PostsealReceived *received = hop->received;
  g_autofree char *label = g_strdup_printf ("%u", number);
  g_autofree char *client = describe_client (received);
  const char *by = received->by != NULL ? received->by : _ ("a server without a name");
  g_autofree char *route = g_strdup_printf ("%s → %s", client, by);
  g_autofree char *way = describe_way (received);
  g_autofree char *time = describe_time (received, before);
  /* Translators: what a server says: "encrypted (TLS 1.3), says mx.example.org" */
  g_autofree char *who = g_strdup_printf (
      hop->is_trusted ? _ ("%s, says %s (trusted)%s") : _ ("%s, claims %s%s"), way, by, time);

  postseal_page_add_entry (page, label, route, POSTSEAL_PAGE_STRONG);
  postseal_page_add_entry (page, "", who,
                           received->way == POSTSEAL_RECEIVED_CLEAR
                                   && !postseal_received_is_loopback (received)
                               ? POSTSEAL_PAGE_NOTABLE
                               : PLAIN);
  if (is_verbose || !received->is_whole)
    add_field (page, subject, hop->field);
}

/* --- what this computer has seen --- */

static void
add_sighting (PostsealPage *page,
              const PostsealTraceSubject *subject,
              const PostsealSighting *sighting,
              guint number)
{
  g_autofree char *label = g_strdup_printf ("%u", number);
  g_autofree char *time = postseal_report_format_time (sighting->time);
  g_autofree char *folder = *sighting->mailbox != '\0'
                                ? g_strdup_printf (_ (", folder %s"), sighting->mailbox)
                                : g_strdup ("");
  /* Translators: the account, its folder, and when */
  g_autofree char *seen = g_strdup_printf (_ ("seen by this computer: account %s%s; %s"),
                                           sighting->account, folder, time);
  const PostsealSeal *seal = sighting->seal;
  g_autofree char *evidence = seal != NULL ? postseal_seal_to_string (seal, sighting->time) : NULL;
  const char *port = seal != NULL ? strrchr (seal->endpoint, ':') : NULL;
  g_autofree char *server
      = port != NULL ? g_strndup (seal->endpoint, (gsize)(port - seal->endpoint)) : g_strdup ("?");
  g_autofree char *route = g_strdup_printf (_ ("%s → this computer"), server);
  g_autofree char *sealed
      = seal != NULL && postseal_seal_is_verified (seal)
            /* Translators: the evidence of a connection: "sealed: TLS 1.3, ..." */
            ? g_strdup_printf (_ ("sealed: %s"), evidence)
            : g_strdup (evidence != NULL ? evidence : _ ("its seal cannot be read"));

  postseal_page_add_entry (page, label, route, POSTSEAL_PAGE_STRONG);
  postseal_page_add_entry (page, "", sealed, PLAIN);
  postseal_page_add_entry (page, "", seen, PLAIN);
  if (sighting->is_by_name)
    postseal_page_add_entry (page, "",
                             _ ("Known by its file's name alone: the text has been changed since."),
                             POSTSEAL_PAGE_NOTABLE);
}

static void
add_arrival (PostsealPage *page, const PostsealTraceSubject *subject, guint number)
{
  for (guint i = 0; i < subject->sightings->len; i++)
    add_sighting (page, subject, g_ptr_array_index (subject->sightings, i), number);
  if (subject->sightings->len == 0 && subject->sent->len == 0)
    postseal_page_add_entry (
        page, "?",
        _ ("How it came to this computer is not known: no account has fetched these very bytes, or "
           "its record is gone."),
        POSTSEAL_PAGE_NOTABLE);
}

static void
add_hops (PostsealPage *page, const PostsealTraceSubject *subject, gboolean is_verbose)
{
  const GPtrArray *hops = subject->journey->hops;
  gint64 before = 0;
  guint number = 1;

  postseal_page_add_gap (page);
  postseal_page_add_title (page, _ ("How it came"), "");
  if (subject->journey->n_more > 0)
    postseal_page_add_entry (page, "…", _ ("There is more; only the latest are shown."), PLAIN);
  for (guint i = hops->len; i > 0; i--)
    {
      const PostsealHop *hop = g_ptr_array_index (hops, i - 1);

      if (!hop->is_own)
        add_hop (page, subject, hop, number++, &before, is_verbose);
      else if (is_verbose)
        add_field (page, subject, hop->field);
    }
  add_arrival (page, subject, number);
}

/* --- what this computer has sent --- */

static void
add_sent (PostsealPage *page, const PostsealOutboxEntry *entry)
{
  g_autoptr (PostsealSeal) seal = entry->seal != NULL ? postseal_seal_parse (entry->seal) : NULL;
  g_autofree char *time = postseal_report_format_time (entry->last_attempt);
  g_autofree char *state
      = entry->last_attempt != 0
            ? g_strdup_printf ("%s, %s", postseal_outbox_words_state (entry->state), time)
            : g_strdup (postseal_outbox_words_state (entry->state));
  g_autofree char *evidence
      = seal != NULL ? postseal_seal_to_string (seal, entry->last_attempt) : NULL;
  g_autoptr (GPtrArray) warnings = postseal_outbox_words_warnings (entry);

  postseal_page_add_gap (page);
  postseal_page_add_title (page, _ ("Sent from this computer"), "");
  postseal_page_add_entry (page, _ ("account"), entry->account, PLAIN);
  postseal_page_add_entry (page, _ ("state"), state, PLAIN);
  postseal_page_add_entry (page, _ ("seal"), evidence, PLAIN);
  for (guint i = 0; i < warnings->len; i++)
    postseal_page_add_entry (page, _ ("beware"), g_ptr_array_index (warnings, i),
                             POSTSEAL_PAGE_NOTABLE);
}

/* --- the whole --- */

static void
add_head (PostsealPage *page, const PostsealTraceSubject *subject)
{
  g_autofree char *from = postseal_message_file_describe (subject->file, "From");
  g_autofree char *title = postseal_message_file_describe (subject->file, "Subject");
  gint64 date = postseal_trace_subject_get_date (subject);
  g_autofree char *time = date != 0 ? postseal_report_format_time (date) : NULL;

  if (subject->n_searched > 0)
    postseal_page_add_entry (page, _ ("file"), subject->path, PLAIN);
  postseal_page_add_entry (page, _ ("from"), from, PLAIN);
  postseal_page_add_entry (page, _ ("subject"), title, PLAIN);
  postseal_page_add_entry (page, _ ("date"), time, PLAIN);
}

static gboolean
has_trusted (const PostsealJourney *journey)
{
  for (guint i = 0; i < journey->hops->len; i++)
    if (((const PostsealHop *)g_ptr_array_index (journey->hops, i))->is_trusted)
      return TRUE;
  return FALSE;
}

static void
add_verdict (PostsealPage *page, const PostsealTraceSubject *subject)
{
  const PostsealSighting *sighting
      = subject->sightings->len > 0 ? g_ptr_array_index (subject->sightings, 0) : NULL;

  postseal_page_add_gap (page);
  if (sighting != NULL && sighting->seal != NULL && !sighting->is_by_name
      && postseal_seal_is_verified (sighting->seal))
    postseal_page_add_sentence (page, _ ("Proven is the last way alone: this computer saw it."),
                                POSTSEAL_PAGE_STRONG);
  else
    postseal_page_add_sentence (page, _ ("Nothing of this is proven."), POSTSEAL_PAGE_STRONG);
  if (has_trusted (subject->journey))
    postseal_page_add_sentence (
        page, _ ("What is trusted is as true as the servers that the account lists."), PLAIN);
  postseal_page_add_sentence (page,
                              _ ("What is claimed may be forged by whoever had the message before. "
                                 "Encryption on the way ends in each server, which can read all; "
                                 "only OpenPGP or S/MIME go from end to end."),
                              PLAIN);
}

/* Not a copy of what was sent from here. */
static gboolean
has_come (const PostsealTraceSubject *subject)
{
  return subject->file != NULL
         && (subject->journey->hops->len > 0 || subject->sightings->len > 0
             || subject->sent->len == 0);
}

void
postseal_trace_page_print (const PostsealTraceSubject *subject, gboolean is_verbose)
{
  g_autoptr (PostsealPage) page = postseal_page_new (STDOUT_FILENO);

  if (subject->file != NULL)
    add_head (page, subject);
  for (guint i = 0; i < subject->sent->len; i++)
    add_sent (page, g_ptr_array_index (subject->sent, i));
  if (has_come (subject))
    {
      add_hops (page, subject, is_verbose);
      postseal_trace_checks_add (page, subject, is_verbose);
      add_verdict (page, subject);
    }
  fputs (page->text->str, stdout);
}
