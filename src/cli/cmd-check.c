/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/commands.h"

#include <glib/gi18n.h>
#include <string.h>

#include "cli/check-account.h"
#include "cli/check-domain.h"
#include "cli/check-host.h"
#include "cli/check-target.h"
#include "cli/options.h"
#include "cli/report.h"

#define PROGRAM "postseal check"
#define LONGEST_SELECTOR 253 /* RFC 1035 section 2.3.4 */

typedef struct
{
  PostsealOptions options;
  PostsealCheckTarget target;
  char *kind; /* all owned, NULL when not told */
  char **selectors;
  char *ca_file;
  gboolean probes_injection;
  gboolean signs_in;
} Check;

static void
check_clear (Check *self)
{
  postseal_options_clear (&self->options);
  postseal_check_target_clear (&self->target);
  g_free (self->kind);
  g_strfreev (self->selectors);
  g_free (self->ca_file);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Check, check_clear)

static gboolean
is_selector (const char *text)
{
  gsize length = strlen (text);

  for (gsize i = 0; i < length; i++)
    if (!g_ascii_isalnum (text[i]) && strchr ("-_.", text[i]) == NULL)
      return FALSE;
  return length > 0 && length <= LONGEST_SELECTOR && *text != '.' && text[length - 1] != '.';
}

/* What is for another kind of target is no use, and whoever gives it expects some. */
static gboolean
check_options (const Check *self, int *ret_status)
{
  PostsealCheckKind kind = self->target.kind;

  for (gsize i = 0; self->selectors != NULL && self->selectors[i] != NULL; i++)
    if (!is_selector (self->selectors[i]))
      {
        g_autofree char *shown = postseal_report_make_printable (self->selectors[i]);

        *ret_status = postseal_report_usage (PROGRAM, _ ("“%s” is no selector of DKIM"), shown);
        return FALSE;
      }
  if (self->selectors != NULL && kind != POSTSEAL_CHECK_DOMAIN)
    *ret_status = postseal_report_usage (PROGRAM, _ ("--selector is for domains"));
  else if (self->signs_in && kind != POSTSEAL_CHECK_ACCOUNT)
    *ret_status = postseal_report_usage (PROGRAM, _ ("--login is for accounts only"));
  else if ((self->probes_injection || self->ca_file != NULL) && kind != POSTSEAL_CHECK_HOST)
    *ret_status
        = postseal_report_usage (PROGRAM, _ ("--probe-injection and --ca-file are for hosts"));
  else
    return TRUE;
  return FALSE;
}

static gboolean
parse (Check *self, int argc, char **argv, int *ret_status)
{
  const GOptionEntry entries[] = {
    { "as", 0, 0, G_OPTION_ARG_STRING, &self->kind,
      N_ ("What is meant by the name: account, host or domain"), N_ ("KIND") },
    { "login", 0, 0, G_OPTION_ARG_NONE, &self->signs_in, N_ ("Of an account: sign in, too"), NULL },
    { "probe-injection", 0, 0, G_OPTION_ARG_NONE, &self->probes_injection,
      N_ ("Of a host: see whether commands in clear get past STARTTLS"), NULL },
    { "ca-file", 0, 0, G_OPTION_ARG_FILENAME, &self->ca_file,
      N_ ("Of a host: trust these authorities instead of the system's"), N_ ("FILE") },
    { "selector", 0, 0, G_OPTION_ARG_STRING_ARRAY, &self->selectors,
      N_ ("Of a domain: a selector of DKIM to look at"), N_ ("NAME") },
    { NULL },
  };

  if (!postseal_options_parse (
          &self->options, PROGRAM, _ ("[ACCOUNT|HOST[:PORT]|DOMAIN]"),
          _ ("Say what the TLS of an account's servers, or of any host, is worth; or what protects "
             "mail on its way to a domain, and mail that claims to come from it."),
          entries, &argc, &argv, ret_status))
    return FALSE;
  if (argc > 2)
    {
      *ret_status = postseal_report_usage (PROGRAM, _ ("one at a time"));
      return FALSE;
    }
  return postseal_check_target_find (&self->target, &self->options, self->kind,
                                     argc == 2 ? argv[1] : NULL, PROGRAM, ret_status)
         && check_options (self, ret_status);
}

int
postseal_cmd_check (int argc, char **argv)
{
  g_auto (Check) self = { .options = POSTSEAL_OPTIONS_INIT };
  int status = 0;

  if (!parse (&self, argc, argv, &status))
    return status;
  switch (self.target.kind)
    {
    case POSTSEAL_CHECK_HOST:
      return postseal_check_host (&self.target, self.ca_file, self.probes_injection, &self.options);
    case POSTSEAL_CHECK_DOMAIN:
      return postseal_check_domain (self.target.name, (const char *const *)self.selectors,
                                    &self.options);
    case POSTSEAL_CHECK_ACCOUNT:
    default:
      return postseal_check_account (self.target.name, self.signs_in, &self.options);
    }
}
