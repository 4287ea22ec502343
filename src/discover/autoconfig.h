/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "net/endpoint.h"

G_BEGIN_DECLS

/* The XML of Mozilla's autoconfig (draft-ietf-mailmaint-autoconfig), taken apart with care: no
   DTD, no entity but the five of XML, bounded depth and size; a section that lacks something or
   offers no TLS is dropped, an element that is unknown ignored. */

typedef struct
{
  PostsealEndpoint *endpoint; /* owned */
  char *user; /* owned: placeholders replaced; or NULL: nothing is said */
  gboolean has_password; /* a password, in whatever SASL mechanism */
  gboolean has_oauth;
  gboolean has_none; /* no log-in: by address, or none at all */
} PostsealAutoconfigServer;

typedef struct
{
  char *title; /* owned: the provider's name, printable; or NULL */
  GPtrArray *incoming; /* owned (element-type PostsealAutoconfigServer): in the file's order */
  GPtrArray *outgoing; /* owned, likewise */
  guint n_in_clear; /* servers dropped because they have no TLS */
  PostsealEndpoint *in_clear; /* owned: the first of those, for words about it only; or NULL */
  char *help; /* owned: an https address with the provider's own help; or NULL */
} PostsealAutoconfig;

#define POSTSEAL_AUTOCONFIG_ERROR (postseal_autoconfig_error_quark ())
GQuark postseal_autoconfig_error_quark (void);
typedef enum
{
  POSTSEAL_AUTOCONFIG_ERROR_FORM, /* no XML, no clientConfig, or more than anybody needs */
} PostsealAutoconfigError;

/* @address: for %EMAILADDRESS%, %EMAILLOCALPART% and %EMAILDOMAIN%. Returns: (transfer full) */
PostsealAutoconfig *
postseal_autoconfig_parse (const char *xml, gsize length, const char *address, GError **error);
void postseal_autoconfig_free (PostsealAutoconfig *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealAutoconfig, postseal_autoconfig_free)

G_END_DECLS
