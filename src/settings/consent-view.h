/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <adwaita.h>

#include "setup/consent.h"

G_BEGIN_DECLS

/* Signing in on the provider's own page: what the person has to do there, the address and, on
   another device, the code; and that it is being waited for. */
#define POSTSEAL_TYPE_CONSENT_VIEW (postseal_consent_view_get_type ())
G_DECLARE_FINAL_TYPE (PostsealConsentView, postseal_consent_view, POSTSEAL, CONSENT_VIEW, GtkBox)

/* Signal "ended" (stored b, message s): message is "" when the refresh token is stored. Nothing
   after a cancellation. */

/* Asks the person in @way, which is that of @consent; what was under way ends. */
void postseal_consent_view_run (PostsealConsentView *self,
                                PostsealConsent *consent,
                                PostsealConsentWay way);
/* Nobody is waited for any more. */
void postseal_consent_view_cancel (PostsealConsentView *self);

G_END_DECLS
