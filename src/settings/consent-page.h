/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "engine/account.h"

G_BEGIN_DECLS

/* To sign in again at the provider, for an account without a password. */
#define POSTSEAL_TYPE_CONSENT_PAGE (postseal_consent_page_get_type ())
G_DECLARE_FINAL_TYPE (PostsealConsentPage, postseal_consent_page, POSTSEAL, CONSENT_PAGE, GtkBox)

/* Signal "stored" (). */

/* @account: with "password=oauth:…" */
GtkWidget *postseal_consent_page_new (PostsealAccount *account);

G_END_DECLS
