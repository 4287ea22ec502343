/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "discover/ranking-private.h"

#include "discover/probe-dial-private.h"
#include "discover/proposal-private.h"

typedef enum
{
  CLASS_WHOLE,
  CLASS_FOREIGN, /* whole, and nobody has said that it may be asked */
  CLASS_HALF,
  CLASS_DEAD,
  N_CLASSES,
} Class;

static gboolean
works (const PostsealEndpoint *endpoint, const PostsealProbe *probe)
{
  return endpoint != NULL && probe != NULL && (probe->seal != NULL || probe->better != NULL);
}

static gboolean
is_absent (const PostsealEndpoint *endpoint, const PostsealProbe *probe)
{
  return endpoint != NULL && probe != NULL && probe->better == NULL && probe->error != NULL
         && _postseal_probe_is_absent (probe->error);
}

static gboolean
is_in_clear (const PostsealEndpoint *endpoint, const PostsealProbe *probe)
{
  return endpoint != NULL && probe != NULL && probe->better == NULL && probe->error != NULL
         && _postseal_probe_is_in_clear (probe->error);
}

static Class
classify (const PostsealProposal *proposal)
{
  if (is_absent (proposal->receive, proposal->receive_probe)
      || (proposal->receive == NULL && is_absent (proposal->send, proposal->send_probe)))
    return CLASS_DEAD;
  if (proposal->receive == NULL || proposal->send == NULL)
    return CLASS_HALF;
  return proposal->foreign_host != NULL ? CLASS_FOREIGN : CLASS_WHOLE;
}

const PostsealEndpoint *
_postseal_ranking_find_in_clear (const PostsealProposal *proposal)
{
  if (works (proposal->receive, proposal->receive_probe)
      || works (proposal->send, proposal->send_probe) || _postseal_ranking_is_pending (proposal))
    return NULL;
  if (is_in_clear (proposal->receive, proposal->receive_probe))
    return proposal->receive;
  return is_in_clear (proposal->send, proposal->send_probe) ? proposal->send : NULL;
}

gboolean
_postseal_ranking_is_good (const PostsealProposal *proposal)
{
  return works (proposal->receive, proposal->receive_probe)
         && works (proposal->send, proposal->send_probe);
}

gboolean
_postseal_ranking_is_pending (const PostsealProposal *proposal)
{
  if (proposal->foreign_host != NULL)
    return FALSE;
  return (proposal->receive != NULL && proposal->receive_probe == NULL)
         || (proposal->send != NULL && proposal->send_probe == NULL);
}

static void
add_unless_same (GPtrArray *merged, PostsealProposal *proposal)
{
  for (guint i = 0; i < merged->len; i++)
    if (_postseal_proposal_is_same (g_ptr_array_index (merged, i), proposal))
      return;
  g_ptr_array_add (merged, postseal_proposal_ref (proposal));
}

GPtrArray *
_postseal_ranking_merge (GPtrArray *const *by_source)
{
  GPtrArray *merged = g_ptr_array_new_with_free_func ((GDestroyNotify)postseal_proposal_unref);

  for (guint class = 0; class < N_CLASSES; class ++)
    for (guint source = 0; source < POSTSEAL_N_SOURCES; source++)
      for (guint i = 0; i < by_source[source]->len; i++)
        {
          PostsealProposal *proposal = g_ptr_array_index (by_source[source], i);

          if (classify (proposal) == class)
            add_unless_same (merged, proposal);
        }
  return merged;
}
