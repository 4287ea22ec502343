/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "net/upgrade-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/limits.h"
#include "base/printable.h"
#include "net/net-error.h"

#define TLS_RECORD_ALERT 0x15
#define TLS_RECORD_HANDSHAKE 0x16

typedef enum
{
  STATE_GREETING,
  STATE_EHLO, /* SMTP only */
  STATE_ANSWER, /* to STARTTLS, STLS */
  STATE_AGREED,
  STATE_REFUSED,
  STATE_FAILED,
} UpgradeState;

/* Whether a capability list, if the server sent one unasked, had the upgrade in it. */
typedef enum
{
  OFFER_UNKNOWN,
  OFFER_MADE,
  OFFER_MISSING,
} UpgradeOffer;

struct _PostsealUpgrade
{
  PostsealEndpoint *endpoint; /* owned */
  PostsealTranscript *transcript; /* owned, may be NULL */
  char *server; /* owned: for messages */
  char *ehlo; /* owned: address literal */
  UpgradeState state;
  UpgradeOffer offer;
  GString *line; /* owned: the unfinished line */
  gsize fed;
  guint lines;
  gboolean has_leftover; /* bytes came behind the last line that was heard */
};

typedef void (*HearLine) (PostsealUpgrade *self, const char *line, GString *send, GError **error);

PostsealUpgrade *
_postseal_upgrade_new (PostsealEndpoint *endpoint,
                       GInetAddress *own_address,
                       PostsealTranscript *transcript)
{
  PostsealUpgrade *self = g_new0 (PostsealUpgrade, 1);
  g_autofree char *address = NULL;

  self->endpoint = postseal_endpoint_ref (endpoint);
  if (transcript != NULL)
    self->transcript = postseal_transcript_ref (transcript);
  self->server = postseal_endpoint_to_string (endpoint);
  self->line = g_string_new (NULL);
  address = own_address != NULL ? g_inet_address_to_string (own_address) : g_strdup ("127.0.0.1");
  self->ehlo = g_strdup_printf (strchr (address, ':') != NULL ? "[IPv6:%s]" : "[%s]", address);
  return self;
}

void
_postseal_upgrade_free (PostsealUpgrade *self)
{
  if (self == NULL)
    return;
  postseal_endpoint_unref (self->endpoint);
  g_clear_pointer (&self->transcript, postseal_transcript_unref);
  g_free (self->server);
  g_free (self->ehlo);
  g_string_free (self->line, TRUE);
  g_free (self);
}

static const char *
upgrade_command (PostsealUpgrade *self)
{
  return self->endpoint->protocol == POSTSEAL_PROTOCOL_POP3 ? "STLS" : "STARTTLS";
}

/* --- failures: one sentence each --- */

/* RFC 9051 section 11.3: alerts and referrals from before TLS are for nobody's eyes. */
static gboolean
is_advice (const char *line)
{
  g_autofree char *upper = g_ascii_strup (line, -1);

  return strstr (upper, "[ALERT") != NULL || strstr (upper, "[REFERRAL") != NULL;
}

/* Nobody has vouched for @line yet, and the messages say so. */
static char *
quote_line (const char *line)
{
  return is_advice (line) ? g_strdup ("…") : postseal_printable (line, -1);
}

static void
fail_vestibule (PostsealUpgrade *self, const char *line, GError **error)
{
  g_autofree char *shown = quote_line (line);

  self->state = STATE_FAILED;
  g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_VESTIBULE,
               _ ("%s did not let TLS start, so nothing was sent to it; its unauthenticated words "
                  "were “%s”"),
               self->server, shown);
}

/* RFC 5321 section 3.8, 4.2.1: not now. Whoever says it in somebody else's name gains no more than
   by cutting the line. */
static void
fail_busy (PostsealUpgrade *self, const char *line, GError **error)
{
  g_autofree char *shown = quote_line (line);

  self->state = STATE_FAILED;
  g_set_error (error, POSTSEAL_NET_ERROR, POSTSEAL_NET_ERROR_CLOSED,
               _ ("%s serves nobody now, try again later; nothing was sent to it (its "
                  "unauthenticated words were “%s”)"),
               self->server, shown);
}

static void
fail_preauth (PostsealUpgrade *self, GError **error)
{
  self->state = STATE_FAILED;
  g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_PREAUTH,
               _ ("%s claims to have logged you in before TLS (PREAUTH), which would keep "
                  "the connection in clear; nothing was sent to it"),
               self->server);
}

static void
fail_refused (PostsealUpgrade *self, const char *line, GError **error)
{
  g_autofree char *shown = quote_line (line);

  self->state = STATE_REFUSED;
  if (self->offer == OFFER_MISSING)
    g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_NOT_OFFERED,
                 _ ("%s does not offer %s, or somebody on the way removed the offer; this account "
                    "requires TLS (the server's unauthenticated words were “%s”)"),
                 self->server, upgrade_command (self), shown);
  else if (self->offer == OFFER_MADE)
    g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_REFUSED,
                 _ ("%s offers %s and then refused it; nothing was sent to it (the server's "
                    "unauthenticated words were “%s”)"),
                 self->server, upgrade_command (self), shown);
  else
    g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_REFUSED,
                 _ ("%s refused %s; this account requires TLS (the server's unauthenticated words "
                    "were “%s”)"),
                 self->server, upgrade_command (self), shown);
}

static void
fail_injected (PostsealUpgrade *self, GError **error)
{
  self->state = STATE_FAILED;
  g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_INJECTED,
               _ ("Somebody between you and %s added data in clear after its answer to %s; "
                  "the connection was ended before anything was sent"),
               self->server, upgrade_command (self));
}

static void
fail_wrong_start (PostsealUpgrade *self, GError **error)
{
  self->state = STATE_FAILED;
  g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_WRONG_START,
               _ ("%s speaks TLS from the first byte, but the account expects %s there; configure "
                  "TLS from the first byte for this port"),
               self->server, upgrade_command (self));
}

static void
fail_limit (PostsealUpgrade *self, GError **error)
{
  self->state = STATE_FAILED;
  g_set_error (error, POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_VESTIBULE,
               _ ("%s talks without end before TLS; nothing was sent to it"), self->server);
}

/* --- scripts --- */

static void
say (PostsealUpgrade *self, UpgradeState next, GString *send, const char *line)
{
  postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_SENT, line, -1);
  g_string_append_printf (send, "%s\r\n", line);
  self->state = next;
}

static void
ask_upgrade (PostsealUpgrade *self, GString *send, const char *line)
{
  static const char *const words[]
      = { [OFFER_UNKNOWN] = "unknown", [OFFER_MADE] = "yes", [OFFER_MISSING] = "no" };

  postseal_transcript_fact (self->transcript, "offer", words[self->offer]);
  say (self, STATE_ANSWER, send, line);
}

/* TRUE when @line is @word, alone or followed by a space; ignores ASCII case. */
static gboolean
begins_with_word (const char *line, const char *word)
{
  gsize length = strlen (word);

  return g_ascii_strncasecmp (line, word, length) == 0 && strchr (" ", line[length]) != NULL;
}

/* Looks for the upgrade among the space-separated words of @list. */
static void
note_offer (PostsealUpgrade *self, const char *list)
{
  g_auto (GStrv) words = g_strsplit_set (list, " ]", -1);

  self->offer = OFFER_MISSING;
  for (char **word = words; *word != NULL; word++)
    if (g_ascii_strcasecmp (*word, upgrade_command (self)) == 0)
      self->offer = OFFER_MADE;
}

static void
note_imap_code (PostsealUpgrade *self, const char *line)
{
  static const char code[] = "[CAPABILITY ";
  const char *bracket = strchr (line, '[');

  if (bracket != NULL && g_ascii_strncasecmp (bracket, code, strlen (code)) == 0)
    note_offer (self, bracket + strlen (code));
}

/* RFC 9051 section 6.2.1, 7.1 and 11.3: before TLS nothing counts but status and capabilities. */
static void
hear_imap (PostsealUpgrade *self, const char *line, GString *send, GError **error)
{
  static const char tag[] = "a1 ";

  if (begins_with_word (line, "* PREAUTH"))
    fail_preauth (self, error);
  else if (self->state == STATE_GREETING && begins_with_word (line, "* OK"))
    {
      note_imap_code (self, line);
      ask_upgrade (self, send, "a1 STARTTLS");
    }
  else if (self->state == STATE_GREETING)
    fail_vestibule (self, line, error);
  else if (strncmp (line, tag, strlen (tag)) == 0)
    {
      const char *status = line + strlen (tag);

      if (begins_with_word (status, "OK"))
        self->state = STATE_AGREED;
      else if (begins_with_word (status, "NO") || begins_with_word (status, "BAD"))
        fail_refused (self, line, error);
      else
        fail_vestibule (self, line, error);
    }
  else if (begins_with_word (line, "* CAPABILITY"))
    note_offer (self, line);
  else if (!begins_with_word (line, "* OK") && !begins_with_word (line, "* NO")
           && !begins_with_word (line, "* BAD"))
    fail_vestibule (self, line, error);
}

/* RFC 2595 section 4 */
static void
hear_pop3 (PostsealUpgrade *self, const char *line, GString *send, GError **error)
{
  gboolean is_positive = begins_with_word (line, "+OK");

  if (self->state == STATE_GREETING && is_positive)
    ask_upgrade (self, send, "STLS");
  else if (self->state == STATE_ANSWER && is_positive)
    self->state = STATE_AGREED;
  else if (self->state == STATE_ANSWER && begins_with_word (line, "-ERR"))
    fail_refused (self, line, error);
  else
    fail_vestibule (self, line, error);
}

/* RFC 5321 section 4.2, RFC 3207 section 4: one line of a reply, which may have several. */
static void
hear_smtp (PostsealUpgrade *self, const char *line, GString *send, GError **error)
{
  const char *expected = self->state == STATE_EHLO ? "250" : "220";
  gboolean is_reply = g_ascii_isdigit (line[0]) && g_ascii_isdigit (line[1])
                      && g_ascii_isdigit (line[2]) && strchr (" -", line[3]) != NULL;
  gboolean is_expected = is_reply && strncmp (line, expected, 3) == 0;

  if (is_reply
      && (strncmp (line, "421", 3) == 0 || (self->state == STATE_GREETING && line[0] == '4')))
    {
      fail_busy (self, line, error);
      return;
    }
  if (!is_reply || (self->state == STATE_GREETING && !is_expected))
    {
      fail_vestibule (self, line, error);
      return;
    }
  if (self->state == STATE_EHLO && line[3] != '\0'
      && g_ascii_strcasecmp (line + 4, upgrade_command (self)) == 0)
    self->offer = OFFER_MADE;
  if (line[3] == '-')
    return;

  if (!is_expected)
    fail_refused (self, line, error);
  else if (self->state == STATE_GREETING)
    {
      g_autofree char *ehlo = g_strconcat ("EHLO ", self->ehlo, NULL);

      self->offer = OFFER_MISSING;
      say (self, STATE_EHLO, send, ehlo);
    }
  else if (self->state == STATE_EHLO)
    ask_upgrade (self, send, upgrade_command (self));
  else
    self->state = STATE_AGREED;
}

static const HearLine scripts[] = {
  [POSTSEAL_PROTOCOL_IMAP] = hear_imap,
  [POSTSEAL_PROTOCOL_POP3] = hear_pop3,
  [POSTSEAL_PROTOCOL_SMTP] = hear_smtp,
};

/* --- feeding --- */

static void
record_line (PostsealUpgrade *self, const char *line)
{
  if (is_advice (line))
    postseal_transcript_note (self->transcript, "advice from before TLS is not shown");
  else
    postseal_transcript_line (self->transcript, POSTSEAL_TRANSCRIPT_RECEIVED, line, -1);
}

static void
end_line (PostsealUpgrade *self, GString *send, GError **error)
{
  GString *line = self->line;

  if (line->len > 0 && line->str[line->len - 1] == '\r')
    g_string_truncate (line, line->len - 1);
  /* A NUL must not hide the rest of its line. */
  for (gsize i = 0; i < line->len; i++)
    if (line->str[i] == '\0')
      line->str[i] = '\x01';
  record_line (self, line->str);
  if (++self->lines > POSTSEAL_LIMIT_VESTIBULE_LINES)
    fail_limit (self, error);
  else
    scripts[self->endpoint->protocol](self, line->str, send, error);
  g_string_truncate (line, 0);
}

static void
feed_byte (PostsealUpgrade *self, char byte, GString *send, GError **error)
{
  if (self->state == STATE_AGREED)
    fail_injected (self, error);
  else if (self->line->len == 0 && (byte == TLS_RECORD_HANDSHAKE || byte == TLS_RECORD_ALERT))
    fail_wrong_start (self, error);
  else if (++self->fed > POSTSEAL_LIMIT_VESTIBULE)
    fail_limit (self, error);
  else if (byte == '\n')
    end_line (self, send, error);
  else
    g_string_append_c (self->line, byte);
}

PostsealUpgradeVerdict
_postseal_upgrade_feed (
    PostsealUpgrade *self, const char *data, gsize length, GString *send, GError **error)
{
  gsize used = 0;

  g_return_val_if_fail (self->state < STATE_REFUSED, POSTSEAL_UPGRADE_FAILED);

  while (used < length && self->state < STATE_REFUSED)
    feed_byte (self, data[used++], send, error);
  self->has_leftover = used < length;

  if (self->state >= STATE_REFUSED)
    return POSTSEAL_UPGRADE_FAILED;
  return self->state == STATE_AGREED ? POSTSEAL_UPGRADE_AGREED : POSTSEAL_UPGRADE_WAITS;
}

GError *
_postseal_upgrade_explain_end (PostsealUpgrade *self, guint silence_ms)
{
  double seconds = silence_ms / 1000.0;

  if (silence_ms == 0)
    return g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_VESTIBULE,
                        _ ("%s closed the connection before TLS; nothing was sent to it"),
                        self->server);
  if (self->fed == 0)
    return g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_VESTIBULE,
                        _ ("%s said nothing for %.4g seconds; if this port speaks TLS from the "
                           "first byte, configure it so instead of %s"),
                        self->server, seconds, upgrade_command (self));
  return g_error_new (POSTSEAL_TLS_ERROR, POSTSEAL_TLS_ERROR_VESTIBULE,
                      _ ("%s did not agree to TLS within %.4g seconds; nothing was sent to it"),
                      self->server, seconds);
}

gboolean
_postseal_upgrade_is_usable_in_clear (PostsealUpgrade *self)
{
  return self->state == STATE_REFUSED && !self->has_leftover && self->offer != OFFER_MADE;
}
