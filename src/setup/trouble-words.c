/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* Signing in, the keyring, the settings: in words. */
#include "setup/trouble-private.h"

#include <glib/gi18n-lib.h>

#include "auth/sasl.h"

static const char *
get_user (const PostsealTroubleCase *self)
{
  const char *user = NULL;

  if (self->account != NULL)
    user = self->endpoint->protocol == POSTSEAL_PROTOCOL_SMTP ? self->account->send_user
                                                              : self->account->receive_user;
  return user;
}

/* Which side, which server, as whom. Returns: (transfer full) */
static char *
tell_who (const PostsealTroubleCase *self)
{
  const char *user = get_user (self);
  const char *host = self->endpoint->host;
  guint port = self->endpoint->port;
  gboolean is_sending = self->endpoint->protocol == POSTSEAL_PROTOCOL_SMTP;

  if (user == NULL)
    return is_sending ? g_strdup_printf (_ ("The server for sending, %s (port %u), was asked to "
                                            "let you in."),
                                         host, port)
                      : g_strdup_printf (_ ("The server for receiving, %s (port %u), was asked to "
                                            "let you in."),
                                         host, port);
  return is_sending ? g_strdup_printf (
             _ ("The server for sending, %s (port %u), was asked to let “%s” in."), host, port,
             user)
                    : g_strdup_printf (
                        _ ("The server for receiving, %s (port %u), was asked to let “%s” in."),
                        host, port, user);
}

/* That, and what became of it. @outcome: not yet translated. Returns: (transfer full) */
static char *
tell_outcome (const PostsealTroubleCase *self, const char *outcome)
{
  g_autofree char *who = tell_who (self);

  /* Translators: two sentences, one behind the other. */
  return g_strdup_printf (_ ("%s %s"), who, _ (outcome));
}

/* --- the kinds --- */

static void
describe_password (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (
      trouble, N_ ("The password was refused"),
      tell_outcome (self, N_ ("It refused the password, or the user name.")),
      N_ ("Type the password again; capital letters matter. If it works on the provider's web "
          "page, the user name may be another one, or mail programs may need a password of their "
          "own."));
}

static void
describe_app_password (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (
      trouble, N_ ("The provider wants a password made for programs"),
      tell_outcome (self, N_ ("It refused the password: mail programs need one of their own there, "
                              "an “app password”.")),
      N_ ("Make an app password on the provider's web page, and type that one here."));
}

static void
describe_switched_off (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (
      trouble, N_ ("Access by mail programs is switched off"),
      tell_outcome (self, N_ ("It says that this kind of access is switched off for your "
                              "mailbox.")),
      N_ ("Switch it on in the mail settings on the provider's web page, then try again."));
}

/* Not yet translated. */
static const char *
advise_about_consent (const PostsealTroubleCase *self, const PostsealTrouble *trouble)
{
  const char *password = self->account != NULL ? self->account->password : NULL;

  if (trouble->remedy == POSTSEAL_REMEDY_BROWSER)
    return N_ ("Sign in in the browser, and allow Postseal to read and send your mail there.");
  if (password != NULL && g_str_has_prefix (password, "goa"))
    return N_ ("Open Settings, Online Accounts, and sign in there again.");
  return N_ ("Add the account to the Online Accounts of your desktop, and choose it here as the "
             "place of the password. To sign in from Postseal itself, it needs a client ID of the "
             "provider; the manual of accounts.conf tells how.");
}

static void
describe_oauth (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (
      trouble, N_ ("The provider wants you to sign in in the browser"),
      tell_outcome (self, N_ ("It takes no password from mail programs, or wants your consent "
                              "again.")),
      advise_about_consent (self, trouble));
}

static void
describe_locked_out (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (
      trouble, N_ ("The provider does not let you sign in now"),
      tell_outcome (self, N_ ("It lets nobody in with this account, whatever the password: after "
                              "too many attempts, or because it is locked.")),
      N_ ("Sign in on the provider's web page, which tells what to do. Then wait a few minutes "
          "before you try again here."));
}

static void
describe_busy (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (
      trouble, N_ ("The server has no time now"),
      g_strdup_printf (_ ("%s, port %u, says that it cannot serve you at this moment."),
                       self->endpoint->host, self->endpoint->port),
      N_ ("Nothing is wrong with the settings. Try again in a few minutes; other mail programs "
          "that use this account may take its place."));
}

static void
describe_no_mechanism (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  if (g_error_matches (self->error, POSTSEAL_AUTH_ERROR, POSTSEAL_AUTH_ERROR_LATCH))
    _postseal_trouble_set (
        trouble, N_ ("The server is less safe than before"), _postseal_trouble_get_sentence (self),
        N_ ("Try another network first: somebody on the way may be doing this. Let the server be "
            "forgotten only when the provider confirms the change."));
  else
    _postseal_trouble_set (
        trouble, N_ ("There is no common way to sign in"), _postseal_trouble_get_sentence (self),
        N_ ("Ask the provider how mail programs sign in; another port may offer more."));
}

static void
describe_keyring_locked (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (trouble, N_ ("The keyring is locked"),
                         g_strdup (_ ("The password is in this computer's keyring, which is "
                                      "locked. The server was not asked to let you in.")),
                         N_ ("Unlock the keyring, mostly with the password of this computer."));
}

static void
describe_no_keyring (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (trouble, N_ ("There is no keyring"), _postseal_trouble_get_sentence (self),
                         N_ ("Start the keyring of your desktop, or choose another place for the "
                             "password."));
}

static void
describe_no_secret (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (trouble, N_ ("No password is stored"),
                         self->account != NULL && self->account->name != NULL
                             ? g_strdup_printf (_ ("No password of the account “%s” was found. The "
                                                   "server was not asked to let you in."),
                                                self->account->name)
                             : _postseal_trouble_get_sentence (self),
                         N_ ("Type the password; it is kept in the keyring then."));
}

static void
describe_sender (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  char *text
      = self->account != NULL && self->account->address != NULL
            ? g_strdup_printf (_ ("%s, port %u, let you in, but takes no mail from “%s”."),
                               self->endpoint->host, self->endpoint->port, self->account->address)
            : _postseal_trouble_get_sentence (self);

  _postseal_trouble_set (
      trouble, N_ ("The server does not take mail from this address"), text,
      N_ ("Check the address for typing mistakes. If it is right, let the provider allow it as a "
          "sender, or use the provider's own server for it."));
}

static void
describe_settings (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (trouble, N_ ("Something in the settings is wrong"),
                         _postseal_trouble_get_sentence (self),
                         N_ ("Correct the setting, then try again."));
}

static void
describe_protocol (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  _postseal_trouble_set (trouble, N_ ("This is not the mail server that was expected"),
                         _postseal_trouble_get_sentence (self),
                         N_ ("Check the server's name and port; the provider's help pages tell "
                             "them."));
}

gboolean
_postseal_trouble_describe_talk (const PostsealTroubleCase *self, PostsealTrouble *trouble)
{
  static void (*const describers[]) (const PostsealTroubleCase *, PostsealTrouble *) = {
    [POSTSEAL_TROUBLE_PASSWORD] = describe_password,
    [POSTSEAL_TROUBLE_APP_PASSWORD] = describe_app_password,
    [POSTSEAL_TROUBLE_SWITCHED_OFF] = describe_switched_off,
    [POSTSEAL_TROUBLE_OAUTH] = describe_oauth,
    [POSTSEAL_TROUBLE_LOCKED_OUT] = describe_locked_out,
    [POSTSEAL_TROUBLE_BUSY] = describe_busy,
    [POSTSEAL_TROUBLE_NO_MECHANISM] = describe_no_mechanism,
    [POSTSEAL_TROUBLE_KEYRING_LOCKED] = describe_keyring_locked,
    [POSTSEAL_TROUBLE_NO_KEYRING] = describe_no_keyring,
    [POSTSEAL_TROUBLE_NO_SECRET] = describe_no_secret,
    [POSTSEAL_TROUBLE_SENDER] = describe_sender,
    [POSTSEAL_TROUBLE_SETTINGS] = describe_settings,
    [POSTSEAL_TROUBLE_PROTOCOL] = describe_protocol,
  };

  if ((gsize)trouble->kind >= G_N_ELEMENTS (describers) || describers[trouble->kind] == NULL)
    return FALSE;
  describers[trouble->kind](self, trouble);
  return TRUE;
}
