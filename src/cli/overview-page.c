/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/overview-page.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/printable.h"
#include "cli/direction-words.h"
#include "cli/report.h"
#include "cli/time-words.h"
#include "engine/advice.h"

#define PLAIN POSTSEAL_PAGE_PLAIN

/* --- all accounts --- */

void
postseal_overview_page_add_head (PostsealPage *page, const PostsealOverview *overview)
{
  gboolean is_online = TRUE, is_metered = FALSE, is_unattended = FALSE;

  if (overview->service == NULL)
    {
      postseal_page_add_sentence (page, _ ("No daemon runs: this is what earlier runs have left."),
                                  PLAIN);
      return;
    }
  g_object_get (overview->service, "online", &is_online, "metered", &is_metered, "unattended",
                &is_unattended, NULL);
  if (!is_online)
    postseal_page_add_sentence (page, _ ("The daemon runs and waits for a network."),
                                POSTSEAL_PAGE_NOTABLE);
  else if (is_metered)
    postseal_page_add_sentence (page, _ ("The daemon runs; the network costs by volume."), PLAIN);
  else if (is_unattended)
    postseal_page_add_sentence (page, _ ("The daemon runs."), PLAIN);
  else
    postseal_page_add_sentence (page, _ ("The daemon runs, and does only what it is told."),
                                POSTSEAL_PAGE_NOTABLE);
}

/* --- one account --- */

static void
add_run (PostsealPage *page, const PostsealAccountFacts *facts)
{
  const PostsealLastRun *run = &facts->run;
  g_autofree char *time = NULL;
  g_autofree char *size = NULL;
  g_autofree char *text = NULL;
  g_autofree char *error = NULL;

  if (!facts->has_run)
    {
      postseal_page_add_entry (page, _ ("last run"), _ ("never"), PLAIN);
      return;
    }
  time = postseal_report_format_time (run->time);
  size = g_format_size (run->bytes);
  text = g_strdup_printf (_ ("%s: %lu delivered (%s), %lu deleted on the server, %lu failed"), time,
                          (gulong)run->delivered, size, (gulong)run->deleted, (gulong)run->failed);
  postseal_page_add_entry (page, _ ("last run"), text, PLAIN);
  if (run->status == 0)
    return;
  error = g_strdup_printf (_ ("%s (exit status %d)"),
                           run->error != NULL ? run->error : _ ("failed"), run->status);
  postseal_page_add_entry (page, _ ("error"), error, POSTSEAL_PAGE_BAD);
}

static void
add_changes (PostsealPage *page, const PostsealSeal *seal, gint64 now)
{
  g_auto (GStrv) changes = postseal_advice_compare_seals (NULL, seal, now);

  for (gsize i = 0; changes[i] != NULL; i++)
    postseal_page_add_entry (page, _ ("changed"), changes[i], POSTSEAL_PAGE_NOTABLE);
}

static void
add_troubles (PostsealPage *page, const PostsealDirection *direction)
{
  for (gsize i = 0; direction->changes[i] != NULL; i++)
    postseal_page_add_entry (page, _ ("changed"), direction->changes[i], POSTSEAL_PAGE_NOTABLE);
  postseal_page_add_entry (page, _ ("error"), direction->error, POSTSEAL_PAGE_BAD);
  postseal_page_add_entry (page, _ ("to do"), direction->advice, POSTSEAL_PAGE_STRONG);
}

static PostsealPageStyle
get_style (const PostsealDirection *direction)
{
  if (postseal_direction_needs_user (direction))
    return POSTSEAL_PAGE_BAD;
  return *direction->error != '\0' ? POSTSEAL_PAGE_NOTABLE : PLAIN;
}

static void
add_seal (PostsealPage *page, const char *label, const PostsealSeal *seal, gint64 now)
{
  g_autofree char *text = seal != NULL ? postseal_seal_to_string (seal, now) : NULL;

  postseal_page_add_entry (page, label, text, PLAIN);
}

static void
add_receiving (PostsealPage *page, const PostsealDirection *direction, gint64 now)
{
  g_autofree char *words = postseal_direction_words (direction, now);
  g_autofree char *ago = postseal_time_words_ago (direction->last, now);

  postseal_page_add_entry (page, _ ("receiving"), words, get_style (direction));
  add_troubles (page, direction);
  if (direction->state != POSTSEAL_ACCOUNT_WORKING)
    postseal_page_add_entry (page, _ ("checked"), ago, PLAIN);
}

static void
add_delivered (PostsealPage *page, const PostsealAccountFacts *facts)
{
  g_autofree char *time = NULL;
  g_autofree char *text = NULL;

  if (!facts->has_ledger || facts->ledger.delivered == 0)
    return;
  time = postseal_report_format_time (facts->ledger.last_delivered_at);
  text = g_strdup_printf (ngettext ("%lu message on record, the last of %s",
                                    "%lu messages on record, the last of %s",
                                    (gulong)facts->ledger.delivered),
                          (gulong)facts->ledger.delivered, time);
  postseal_page_add_entry (page, _ ("delivered"), text, PLAIN);
}

static void
append_count (GString *text, guint64 number, const char *state)
{
  if (number > 0)
    g_string_append_printf (text, "%s%lu %s", text->len > 0 ? ", " : "", (gulong)number, state);
}

static void
add_outbox (PostsealPage *page, const PostsealOutboxDigest *outbox)
{
  g_autoptr (GString) text = g_string_new (NULL);

  append_count (text, outbox->waiting, _ ("waiting"));
  append_count (text, outbox->in_doubt, _ ("in doubt"));
  append_count (text, outbox->blocked, _ ("blocked"));
  append_count (text, outbox->held, _ ("held"));
  append_count (text, outbox->failed, _ ("failed"));
  if (text->len == 0)
    g_string_append (text, _ ("empty"));
  if (outbox->reason != NULL)
    g_string_append_printf (text, ": %s", outbox->reason);
  postseal_page_add_entry (page, _ ("outbox"), text->str, PLAIN);
}

/* An idle sender has nothing to say that the outbox does not. */
static void
add_sending (PostsealPage *page, const PostsealDirection *direction, gint64 now)
{
  g_autofree char *words = postseal_direction_words (direction, now);

  if (direction->state != POSTSEAL_ACCOUNT_WAITING || *direction->error != '\0'
      || direction->waiting > 0)
    postseal_page_add_entry (page, _ ("sending"), words, get_style (direction));
  add_troubles (page, direction);
}

static void
add_latches (PostsealPage *page,
             const PostsealAccountFacts *facts,
             const PostsealEndpoint *endpoint)
{
  g_autofree char *place = NULL;
  g_autoptr (GString) text = NULL;

  if (endpoint == NULL || facts->latches == NULL)
    return;
  place = postseal_endpoint_to_string (endpoint);
  text = g_string_new (place);
  for (const char *const *name = (const char *const[]){ "tls", "dane", "mechanism", NULL };
       *name != NULL; name++)
    {
      const char *value = postseal_latches_get (facts->latches, place, *name);
      g_autofree char *shown = value != NULL ? postseal_printable (value, -1) : NULL;

      /* What its owner has taken away it is not held to. */
      if (shown != NULL && !g_str_equal (shown, "none"))
        g_string_append_printf (text, ", %s %s", *name, shown);
    }
  if (text->len > strlen (place))
    postseal_page_add_entry (page, _ ("held to"), text->str, PLAIN);
}

static void
add_sent_with (PostsealPage *page, const PostsealOverviewAccount *self, gint64 now)
{
  g_autoptr (PostsealDirection) sending = postseal_direction_read (self->status, TRUE);

  add_seal (page, _ ("sent with"), sending->seal != NULL ? sending->seal : self->facts->outbox.seal,
            now);
  if (!self->is_live)
    add_changes (page, self->facts->outbox.seal, now);
}

void
postseal_overview_page_add_account (PostsealPage *page,
                                    const PostsealOverviewAccount *self,
                                    gint64 now)
{
  const PostsealAccountFacts *facts = self->facts;
  g_autoptr (PostsealDirection) receiving = postseal_direction_read (self->status, FALSE);
  g_autoptr (PostsealDirection) sending = postseal_direction_read (self->status, TRUE);
  g_autofree char *address = NULL;

  g_object_get (self->status, "address", &address, NULL);
  postseal_page_add_title (page, postseal_account_status_get_name (self->status), address);
  if (self->is_live && (receiving->is_served || receiving->state == POSTSEAL_ACCOUNT_BROKEN))
    add_receiving (page, receiving, now);
  else if (receiving->is_served)
    {
      add_run (page, facts);
      add_changes (page, facts->seal, now);
    }
  add_seal (page, _ ("seal"), receiving->seal != NULL ? receiving->seal : facts->seal, now);
  add_delivered (page, facts);
  if (self->is_live && sending->is_served)
    add_sending (page, sending, now);
  if (sending->is_served || facts->outbox.total > 0)
    {
      add_outbox (page, &facts->outbox);
      add_sent_with (page, self, now);
    }
  if (self->account != NULL)
    {
      add_latches (page, facts, self->account->receive);
      add_latches (page, facts, self->account->send);
    }
  for (guint i = 0; i < facts->troubles->len; i++)
    postseal_page_add_entry (page, _ ("trouble"), g_ptr_array_index (facts->troubles, i),
                             POSTSEAL_PAGE_BAD);
}

/* --- one line --- */

/* Both directions. @now: 0: without times. @ret_style: the graver */
static char *
describe_both (const PostsealOverviewAccount *self, gint64 now, PostsealPageStyle *ret_style)
{
  GString *text = g_string_new (NULL);

  *ret_style = PLAIN;
  for (int is_sending = FALSE; is_sending <= TRUE; is_sending++)
    {
      g_autoptr (PostsealDirection) direction = postseal_direction_read (self->status, is_sending);
      g_autofree char *words = NULL;

      if (!direction->is_served && direction->state == POSTSEAL_ACCOUNT_OFF)
        continue;
      words = postseal_direction_words (direction, now);
      if (text->len > 0)
        g_string_append (text, "; ");
      if (is_sending && (direction->state != POSTSEAL_ACCOUNT_WAITING || *direction->error != '\0'))
        g_string_append_printf (text, "%s: ", _ ("sending"));
      g_string_append (text, words);
      *ret_style = MAX (*ret_style, get_style (direction));
    }
  return g_string_free (text, FALSE);
}

void
postseal_overview_page_add_line (PostsealPage *page,
                                 const PostsealOverviewAccount *self,
                                 gint64 now)
{
  PostsealPageStyle style;
  g_autofree char *words = describe_both (self, now, &style);
  g_autofree char *line = g_strdup_printf ("%c %s: %s", style == PLAIN ? ' ' : '!',
                                           postseal_account_status_get_name (self->status), words);

  postseal_page_add_cut (page, line, style);
}

char *
postseal_overview_page_sum_up (const PostsealOverviewAccount *self)
{
  PostsealPageStyle style;
  g_autofree char *words = describe_both (self, 0, &style);
  GString *text = g_string_new (postseal_account_status_get_name (self->status));

  g_string_append_printf (text, ": %s", words);
  for (int is_sending = FALSE; is_sending <= TRUE; is_sending++)
    {
      g_autoptr (PostsealDirection) direction = postseal_direction_read (self->status, is_sending);

      if (*direction->error != '\0')
        g_string_append_printf (text, "; %s", direction->error);
      if (*direction->advice != '\0')
        g_string_append_printf (text, "; %s", direction->advice);
    }
  return g_string_free (text, FALSE);
}

static gboolean
is_near (gint64 time, gint64 now)
{
  return time != 0 && ABS (time - now) < 60;
}

gboolean
postseal_overview_page_has_seconds (const PostsealOverviewAccount *self, gint64 now)
{
  for (int is_sending = FALSE; is_sending <= TRUE; is_sending++)
    {
      g_autoptr (PostsealDirection) direction = postseal_direction_read (self->status, is_sending);

      if (is_near (direction->since, now) || is_near (direction->next, now)
          || is_near (direction->last, now))
        return TRUE;
    }
  return FALSE;
}
