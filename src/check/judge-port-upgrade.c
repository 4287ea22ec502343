/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include <glib/gi18n-lib.h>
#include <string.h>

#include "check/judge-port-private.h"

/* --- what the server offers --- */

/* Whether the line says that PLAIN or LOGIN, which carry the password itself, may be used: "AUTH
   PLAIN LOGIN" and the old "AUTH=LOGIN" (SMTP), "AUTH=PLAIN" (IMAP), "SASL PLAIN" and "USER"
   (POP3). */
static gboolean
takes_password (PostsealProtocol protocol, const char *line)
{
  g_auto (GStrv) words = g_strsplit_set (line, " =", -1);
  const char *verb = protocol == POSTSEAL_PROTOCOL_POP3 ? "SASL" : "AUTH";

  if (words[0] == NULL)
    return FALSE;
  if (protocol == POSTSEAL_PROTOCOL_POP3 && g_ascii_strcasecmp (words[0], "USER") == 0)
    return TRUE;
  for (gsize i = 1; g_ascii_strcasecmp (words[0], verb) == 0 && words[i] != NULL; i++)
    if (g_ascii_strcasecmp (words[i], "PLAIN") == 0 || g_ascii_strcasecmp (words[i], "LOGIN") == 0)
      return TRUE;
  return FALSE;
}

static gboolean
has_line (char **lines, const char *wanted)
{
  for (gsize i = 0; lines[i] != NULL; i++)
    if (g_ascii_strcasecmp (lines[i], wanted) == 0)
      return TRUE;
  return FALSE;
}

/* Returns: (transfer none) (nullable): by what it takes passwords */
static const char *
find_password_line (const PostsealPortFacts *facts)
{
  for (gsize i = 0; facts->caps_before[i] != NULL; i++)
    if (takes_password (facts->protocol, facts->caps_before[i]))
      return facts->caps_before[i];
  /* RFC 9051 section 6.2.3: the command LOGIN is always there but where the server denies it. */
  if (facts->protocol == POSTSEAL_PROTOCOL_IMAP && !has_line (facts->caps_before, "LOGINDISABLED"))
    return "LOGIN";
  return NULL;
}

static void
judge_clear_auth (const PostsealPortCase *self)
{
  const PostsealPortFacts *facts = self->facts;
  const char *line = NULL;

  if (facts->is_preauth)
    return;
  if (facts->caps_before == NULL)
    {
      if (facts->protocol == POSTSEAL_PROTOCOL_POP3 && facts->state == POSTSEAL_PORT_MAIL
          && facts->greeting != NULL && facts->reason == NULL)
        _postseal_judge_tell (
            self, "auth-untold", NULL,
            g_strdup (_ ("the server does not tell (CAPA) whether it takes passwords in clear")),
            NULL);
      return;
    }
  line = find_password_line (facts);
  if (line == NULL)
    return;
  if (self->context->is_local)
    _postseal_judge_tell (
        self, "clear-auth-local", line,
        g_strdup (_ ("passwords are taken in clear, as many servers do from their own machine")),
        g_strdup (_ ("check from another machine whether it does so there, too")));
  else
    _postseal_judge_tell (
        self, "clear-auth", line,
        g_strdup_printf (_ ("passwords are taken in clear, before TLS (%s)"), line),
        g_strdup (_ ("the server's owner should refuse them before TLS (Dovecot: "
                     "disable_plaintext_auth, Postfix: smtpd_tls_auth_only)")));
}

/* Returns: (transfer full) (nullable): those of @lines that @others lacks */
static char *
list_only (char **lines, char **others)
{
  g_autoptr (GString) list = g_string_new (NULL);

  for (gsize i = 0; lines[i] != NULL; i++)
    if (!has_line (others, lines[i]))
      g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", lines[i]);
  return list->len > 0 ? g_string_free (g_steal_pointer (&list), FALSE) : NULL;
}

/* That both differ in these is as it should be. */
static gboolean
is_usual_change (const char *line)
{
  static const char *const names[]
      = { "STARTTLS", "STLS", "LOGINDISABLED", "AUTH", "SASL", "USER", "SASL-IR" };
  gsize length = strcspn (line, " =");

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (strlen (names[i]) == length && g_ascii_strncasecmp (names[i], line, length) == 0)
      return TRUE;
  return FALSE;
}

static gboolean
has_unusual (char **lines, char **others)
{
  for (gsize i = 0; lines[i] != NULL; i++)
    if (!has_line (others, lines[i]) && !is_usual_change (lines[i]))
      return TRUE;
  return FALSE;
}

static void
judge_caps (const PostsealPortCase *self)
{
  const PostsealPortFacts *facts = self->facts;
  g_autofree char *before = NULL;
  g_autofree char *after = NULL;
  g_autofree char *evidence = NULL;
  gboolean is_usual = FALSE;

  if (facts->caps_before == NULL || facts->caps_after == NULL)
    return;
  is_usual = find_password_line (facts) == NULL
             && !has_unusual (facts->caps_before, facts->caps_after)
             && !has_unusual (facts->caps_after, facts->caps_before);
  before = list_only (facts->caps_before, facts->caps_after);
  after = list_only (facts->caps_after, facts->caps_before);
  if ((before == NULL && after == NULL) || (is_usual && self->context->is_exchange))
    return;
  evidence
      = g_strdup_printf ("- %s; + %s", before != NULL ? before : "", after != NULL ? after : "");
  _postseal_judge_tell (
      self, "caps-differ", evidence,
      g_strdup_printf (_ ("only before TLS the server offers: %s; only after it: %s"),
                       before != NULL ? before : _ ("nothing"),
                       after != NULL ? after : _ ("nothing")),
      is_usual ? g_strdup (_ ("nothing to do: signing in is for within TLS")) : NULL);
}

/* --- the change itself --- */

static void
judge_missing (const PostsealPortCase *self)
{
  const char *command = self->facts->protocol == POSTSEAL_PROTOCOL_POP3 ? "STLS" : "STARTTLS";

  if (self->context->is_exchange && self->context->is_sts_enforced)
    _postseal_judge_tell (
        self, "sts-mx-tls", self->facts->upgrade_answer,
        g_strdup (_ ("the MTA-STS policy demands TLS, and this server does not offer it: other "
                     "servers refuse to deliver")),
        g_strdup (_ ("the server's owner must switch STARTTLS on at once")));
  _postseal_judge_tell (
      self, "starttls-missing", self->facts->upgrade_answer,
      g_strdup_printf (_ ("%s is not offered: everything passes in clear"), command),
      self->context->is_exchange
          ? g_strdup (_ ("the server's owner should switch it on, unless something in between "
                         "takes the offer away: check from another network"))
          : g_strdup (_ ("use a port with TLS from the start; where the offer used to be there, "
                         "something in between may take it away: try another network")));
}

static void
judge_injections (const PostsealPortCase *self)
{
  const PostsealPortFacts *facts = self->facts;

  if (facts->reply_injected == POSTSEAL_SEEN_YES)
    _postseal_judge_tell (
        self, "resp-injection", facts->injected,
        g_strdup (_ ("words in clear follow the answer to STARTTLS: the server, or somebody in "
                     "between, puts them in before TLS")),
        g_strdup (_ ("do not sign in here; try another network, and tell the provider")));
  if (facts->command_injection == POSTSEAL_SEEN_YES)
    _postseal_judge_tell (
        self, "injection", NULL,
        g_strdup (_ ("the server obeys within TLS what was sent in clear before it (the flaw of "
                     "CVE-2011-0411): whoever is in between can put commands in")),
        g_strdup (_ ("the server's owner must update it; until then use a port with TLS from the "
                     "start")));
}

static void
judge_start (const PostsealPortCase *self)
{
  const PostsealPortFacts *facts = self->facts;

  if (facts->is_preauth)
    _postseal_judge_tell (
        self, "preauth", facts->greeting,
        g_strdup (_ ("the server takes everybody for signed in, in clear (PREAUTH), so that TLS "
                     "cannot be had any more")),
        g_strdup (_ ("never sign in here, as it may be an attack; use port 993")));
  else if (facts->upgrade == POSTSEAL_PORT_UPGRADE_MISSING)
    judge_missing (self);
  else if (facts->upgrade == POSTSEAL_PORT_UPGRADE_REFUSED)
    _postseal_judge_tell (
        self, "starttls-refused", facts->upgrade_answer,
        facts->upgrade_answer != NULL
            ? g_strdup_printf (_ ("TLS is offered, and then refused: “%s”"), facts->upgrade_answer)
            : g_strdup (_ ("TLS is offered, and then refused")),
        g_strdup (_ ("perhaps for a short time only; until then use a port with TLS from the "
                     "start")));
  else if (facts->upgrade == POSTSEAL_PORT_UPGRADE_AGREED && facts->has_tls == POSTSEAL_SEEN_YES
           && facts->reply_injected != POSTSEAL_SEEN_YES)
    _postseal_judge_tell (self, "starttls-ok", facts->upgrade_answer,
                          g_strdup (_ ("TLS is offered, and begins when it is asked for")), NULL);
}

void
_postseal_judge_upgrade (const PostsealPortCase *self)
{
  const PostsealPortFacts *facts = self->facts;

  if (_postseal_judge_is_plain_on_tls (facts))
    _postseal_judge_tell (
        self, "mode-plain-on-tls", facts->greeting,
        g_strdup (_ ("this port is for TLS from the start, and the server speaks plain text")),
        g_strdup (_ ("the server's owner must switch TLS on for this port")));
  else if (_postseal_judge_is_tls_on_plain (facts))
    _postseal_judge_tell (
        self, "mode-tls-on-plain", NULL,
        g_strdup (_ ("this port is for plain text with STARTTLS, and the server speaks TLS from "
                     "the start")),
        g_strdup (_ ("configure the port with TLS from the start (imaps, pop3s, submissions)")));
  else if (facts->state == POSTSEAL_PORT_MAIL)
    judge_start (self);
  judge_clear_auth (self);
  judge_injections (self);
  judge_caps (self);
}
