/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include "engine/account-status.h"

G_BEGIN_DECLS

/* How an account fares, in words for people. No GTK. */

typedef enum
{
  POSTSEAL_MOOD_GOOD, /* all is well, and sealed */
  POSTSEAL_MOOD_QUIET, /* nothing was tried yet, or there is no network */
  POSTSEAL_MOOD_WORRIED, /* something passes by itself, or weakened */
  POSTSEAL_MOOD_STUCK, /* the user is needed */
} PostsealMood;

/* "in order", "needs you". Returns: (transfer none) */
const char *postseal_state_words_name_mood (PostsealMood mood);
/* The name of a sign for it, so that no meaning is in a colour alone. Returns: (transfer none) */
const char *postseal_state_words_get_icon (PostsealMood mood);

/* Of both directions the graver one. @ret_sentence: (out) (transfer full): without a period.
   @ret_is_working: (out): a connection does something just now */
PostsealMood postseal_state_words_sum_up (PostsealAccountStatus *status,
                                          char **ret_sentence,
                                          gboolean *ret_is_working);

/* One direction: "Up to date; the server tells of new mail", "Waiting for the network", "Receiving:
   17 of 120 messages". Returns: (transfer full) */
char *postseal_state_words_describe (PostsealAccountStatus *status, gboolean sending);
PostsealMood postseal_state_words_judge (PostsealAccountStatus *status, gboolean sending);
/* "Next attempt: 4 March 2027, 10:15" after an error, or "". Returns: (transfer full) */
char *postseal_state_words_tell_next (PostsealAccountStatus *status, gboolean sending);
/* "2 messages to be sent, 1 message given up", or "". Returns: (transfer full) */
char *postseal_state_words_tell_outbox (PostsealAccountStatus *status);
/* What to do about it on the account's page, or "". Returns: (transfer full) */
char *postseal_state_words_advise (PostsealAccountStatus *status, gboolean sending);

G_END_DECLS
