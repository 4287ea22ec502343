/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The key "password", in words for people. No GTK. */

/* What can be done about a secret here. */
typedef enum
{
  POSTSEAL_SECRET_STORED, /* a password that is stored from here */
  POSTSEAL_SECRET_ELSEWHERE, /* somebody else's affair */
  POSTSEAL_SECRET_CONSENT, /* the person signs in at the provider */
} PostsealSecretCare;

/* Where the secret is: "In the keyring of this desktop". @spec: of the key. Returns: (transfer
 * full)
 */
char *postseal_secret_words_describe (const char *spec);
PostsealSecretCare postseal_secret_words_judge (const char *spec);

G_END_DECLS
