/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What is publicly known of a large mail provider: a section of mail-providers.conf, of the
   installation and of the user, whose keys win. */
typedef struct
{
  char *name; /* the section, "gmail" */
  char *title; /* how people call it */
  char **domains; /* of addresses */
  char **hosts; /* globs of server names and MX hosts */
  char *receive; /* URL as in accounts.conf, without a user; or NULL */
  char *receive_pop3; /* the same by POP3; or NULL */
  char *send; /* or NULL */
  char *oauth; /* a section of oauth-providers.conf, or NULL */
  gboolean wants_oauth; /* passwords are not taken at all */
  char *app_password_uri; /* where one gets a password for programs; or NULL: none is needed */
  char *switch_uri; /* where IMAP, POP3 or SMTP is switched on; or NULL */
} PostsealProvider;

void postseal_provider_free (PostsealProvider *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealProvider, postseal_provider_free)

/* Block (two small files). Return: (transfer full) (nullable): NULL when nothing is known */
PostsealProvider *postseal_provider_find_by_domain (const char *domain);
PostsealProvider *postseal_provider_find_by_host (const char *host);

G_END_DECLS
