/* SPDX-License-Identifier: GPL-3.0-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Hands messages to the host's folders: into the processing folder of an account first, and from
   there, past the user's filters, to where they belong. In small pieces, since the host does all
   this on its main loop. */
typedef struct _PostsealClawsFiling PostsealClawsFiling;

#define POSTSEAL_CLAWS_FILING_ERROR (postseal_claws_filing_error_quark ())
GQuark postseal_claws_filing_error_quark (void);
typedef enum
{
  POSTSEAL_CLAWS_FILING_ERROR_NO_FOLDER, /* the host has no inbox for the account */
  POSTSEAL_CLAWS_FILING_ERROR_REFUSED, /* the host did not take it */
} PostsealClawsFilingError;

/* @id: an account of the host. Errors: %POSTSEAL_CLAWS_FILING_ERROR. Returns: (transfer full) */
PostsealClawsFiling *postseal_claws_filing_new (int id, GError **error);
/* What was added and not moved on stays in the processing folder. */
void postseal_claws_filing_free (PostsealClawsFiling *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC (PostsealClawsFiling, postseal_claws_filing_free)

/* TRUE while the host lets nobody into its folders: it receives mail itself, or a dialog is open.
 */
gboolean postseal_claws_filing_must_wait (void);

/* The folder on disk that files of the processing folder are in. Returns: (transfer none) */
const char *postseal_claws_filing_get_folder (PostsealClawsFiling *self);

/**
 * postseal_claws_filing_add:
 * @paths: (element-type filename): what is done is taken from its head; the files stay
 * @filed: (element-type PostsealClawsTaken): gets them, with the host's files, which may be links
 * to the same
 * @budget_us: stops as soon as so much time has gone, but does some at least
 *
 * Messages into the processing folder, in order. After a failure some may be there that are not in
 * @filed. Errors: %POSTSEAL_CLAWS_FILING_ERROR
 */
gboolean postseal_claws_filing_add (
    PostsealClawsFiling *self, GQueue *paths, GPtrArray *filed, gint64 budget_us, GError **error);

/* Counts what lies in the processing folder from an earlier run among what is to be moved on; a
   message that has reached its folder already, when the host was killed, is only removed there.
   Returns: how many there are */
guint postseal_claws_filing_adopt (PostsealClawsFiling *self);

/* Moves on some of what was added, past the filters. @budget_us: stops as soon as so much time has
   gone, but does one at least. Returns: TRUE when nothing is left. The folder list is brought up to
   date now and then. */
gboolean postseal_claws_filing_move_on (PostsealClawsFiling *self, gint64 budget_us);

/* There is nothing more for the moment: the folder list shows it all. */
void postseal_claws_filing_rest (PostsealClawsFiling *self);

/* Messages that the host could not move on: still in the processing folder, for adopt(). */
guint postseal_claws_filing_count_stuck (PostsealClawsFiling *self);

G_END_DECLS
