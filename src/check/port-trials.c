/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/port-exam-private.h"

#include <string.h>

#define MOST_AT_ONCE 4 /* connections: more, and a careful server takes us for an attack */
#define STOWAWAY_MS 1500 /* for an answer that should not come */

/* One question, in a connection of its own. */
typedef struct
{
  PostsealProbeOffer offer;
  GBytes *resume; /* borrowed, nullable */
  gboolean has_stowaway;
  /* The answer. */
  gboolean is_asked; /* the handshake was tried */
  PostsealProbeTlsOutcome outcome;
  const char *version; /* nullable */
  char *suite; /* owned, nullable */
  guint dh_bits;
  gboolean has_extended_master_secret, is_resumed;
  PostsealSeen stowaway;
  GPtrArray *chain; /* owned, nullable */
  GBytes *session; /* owned, nullable */
} Trial;

typedef struct
{
  PostsealPortSubject *subject; /* borrowed; not written to by the threads */
  GPtrArray *trials; /* borrowed (element-type Trial) */
  int next; /* atomic: of the trials */
} Queue;

static void
free_trial (gpointer data)
{
  Trial *self = data;

  g_free (self->suite);
  g_clear_pointer (&self->chain, g_ptr_array_unref);
  g_clear_pointer (&self->session, g_bytes_unref);
  g_free (self);
}

static Trial *
add_trial (GPtrArray *trials, PostsealProbeOffer offer)
{
  Trial *trial = g_new0 (Trial, 1);

  trial->offer = offer;
  g_ptr_array_add (trials, trial);
  return trial;
}

/* --- one connection --- */

static PostsealProbeAnswer
ask_for_upgrade (PostsealPortSubject *self, Trial *trial, PostsealProbeLink *link)
{
  gint64 until = _postseal_port_subject_step (self);

  return trial->has_stowaway
             ? _postseal_probe_link_ask_with_stowaway (link, until)
             : _postseal_probe_link_ask (link, POSTSEAL_PROBE_QUESTION_UPGRADE, until);
}

/* Returns: FALSE when it does not come to a handshake */
static gboolean
reach_handshake (PostsealPortSubject *self, Trial *trial, PostsealProbeLink *link)
{
  g_autofree char *leftover = NULL;
  gint64 until = _postseal_probe_limit_within (
      &self->target.limit, 2 * (POSTSEAL_PORT_STEP_MS + self->facts->greeting_ms));
  PostsealProbeAnswer answer = POSTSEAL_PROBE_ANSWER_YES;

  if (self->facts->start == POSTSEAL_TLS_START_IMPLICIT)
    return TRUE;
  answer = _postseal_probe_link_ask (link, POSTSEAL_PROBE_QUESTION_GREETING, until);
  if (answer == POSTSEAL_PROBE_ANSWER_YES && self->target.protocol == POSTSEAL_PROTOCOL_SMTP)
    answer = _postseal_port_subject_ask_caps (self, link);
  if (answer == POSTSEAL_PROBE_ANSWER_YES)
    answer = ask_for_upgrade (self, trial, link);
  /* A server that does not start TLS with a stowaway on board is no prey for it. */
  if (trial->has_stowaway && answer == POSTSEAL_PROBE_ANSWER_NO)
    trial->stowaway = POSTSEAL_SEEN_NO;
  if (answer != POSTSEAL_PROBE_ANSWER_YES)
    return FALSE;
  /* With a stowaway on board, that may be an alert already. */
  leftover = _postseal_probe_link_get_leftover (link);
  return leftover == NULL || trial->has_stowaway;
}

static void
note_handshake (PostsealPortSubject *self, Trial *trial, PostsealProbeLink *link)
{
  PostsealProbeTls *tls = _postseal_probe_link_get_tls (link);

  trial->version = _postseal_probe_tls_get_version (tls);
  trial->suite = _postseal_probe_tls_get_suite (tls);
  trial->dh_bits = _postseal_probe_tls_get_dh_bits (tls);
  trial->has_extended_master_secret = _postseal_probe_tls_has_extended_master_secret (tls);
  trial->is_resumed = _postseal_probe_tls_is_resumed (tls);
  trial->chain = _postseal_probe_tls_get_chain (tls);
  if (trial->offer == POSTSEAL_PROBE_OFFER_TLS_1_2)
    trial->session = _postseal_probe_tls_get_session (tls);
}

static void
finish (PostsealPortSubject *self, Trial *trial, PostsealProbeLink *link)
{
  if (trial->has_stowaway)
    trial->stowaway = _postseal_probe_link_hears_stowaway (
                          link, _postseal_probe_limit_within (&self->target.limit, STOWAWAY_MS))
                          ? POSTSEAL_SEEN_YES
                          : POSTSEAL_SEEN_NO;
  /* Who speaks before the greeting is impolite. */
  if (self->facts->start == POSTSEAL_TLS_START_UPGRADE
      || _postseal_probe_link_ask (link, POSTSEAL_PROBE_QUESTION_GREETING,
                                   _postseal_port_subject_step (self))
             == POSTSEAL_PROBE_ANSWER_YES)
    _postseal_probe_link_leave (link);
}

static void
run_trial (PostsealPortSubject *self, Trial *trial)
{
  g_autoptr (PostsealProbeLink) link = _postseal_port_subject_open (self, NULL);

  if (link == NULL || !reach_handshake (self, trial, link))
    return;
  trial->outcome = _postseal_probe_link_start_tls (link, trial->offer, trial->resume,
                                                   _postseal_port_subject_step (self));
  trial->is_asked = trial->outcome != POSTSEAL_PROBE_TLS_STALLED;
  if (trial->outcome != POSTSEAL_PROBE_TLS_DONE)
    return;
  note_handshake (self, trial, link);
  finish (self, trial, link);
}

/* --- many --- */

static gboolean
has_time (PostsealPortSubject *self)
{
  return g_get_monotonic_time () < self->target.limit.end
         && !g_cancellable_is_cancelled (self->target.limit.cancellable);
}

static gpointer
run_queue (gpointer data)
{
  Queue *queue = data;

  for (;;)
    {
      guint index = g_atomic_int_add (&queue->next, 1);
      Trial *trial = NULL;

      if (index >= queue->trials->len || !has_time (queue->subject))
        return NULL;
      trial = g_ptr_array_index (queue->trials, index);
      if (!trial->is_asked)
        run_trial (queue->subject, trial);
    }
}

static void
run_trials (PostsealPortSubject *self, GPtrArray *trials, guint most_at_once)
{
  Queue queue = { self, trials, 0 };
  GThread *threads[MOST_AT_ONCE];
  guint count = MIN (most_at_once, trials->len);

  for (guint i = 0; i < count; i++)
    threads[i] = g_thread_new ("port-trial", run_queue, &queue);
  for (guint i = 0; i < count; i++)
    g_thread_join (threads[i]);
}

/* --- which --- */

/* What most servers refuse is asked at once, to spare them connections. */
static const struct
{
  PostsealProbeOffer whole, parts[2];
} wholes[] = {
  { POSTSEAL_PROBE_OFFER_OLD, { POSTSEAL_PROBE_OFFER_TLS_1_0, POSTSEAL_PROBE_OFFER_TLS_1_1 } },
  { POSTSEAL_PROBE_OFFER_WEAK, { POSTSEAL_PROBE_OFFER_NULL, POSTSEAL_PROBE_OFFER_BROKEN } },
  { POSTSEAL_PROBE_OFFER_DATED, { POSTSEAL_PROBE_OFFER_STATIC, POSTSEAL_PROBE_OFFER_DHE } },
};

static void
plan_trials (PostsealPortSubject *self, GPtrArray *trials)
{
  PostsealPortFacts *facts = self->facts;

  if (facts->tls12 == POSTSEAL_SEEN_UNKNOWN)
    add_trial (trials, POSTSEAL_PROBE_OFFER_TLS_1_2);
  if (facts->tls13 == POSTSEAL_SEEN_UNKNOWN)
    add_trial (trials, POSTSEAL_PROBE_OFFER_TLS_1_3);
  for (guint i = 0; i < G_N_ELEMENTS (wholes); i++)
    add_trial (trials, wholes[i].whole);
  add_trial (trials, POSTSEAL_PROBE_OFFER_ANONYMOUS);
  if (self->probe_injection && facts->start == POSTSEAL_TLS_START_UPGRADE
      && facts->has_tls == POSTSEAL_SEEN_YES)
    add_trial (trials, POSTSEAL_PROBE_OFFER_GOOD)->has_stowaway = TRUE;
}

static Trial *
find_trial (GPtrArray *trials, PostsealProbeOffer offer)
{
  for (guint i = 0; i < trials->len; i++)
    {
      Trial *trial = g_ptr_array_index (trials, i);

      if (trial->offer == offer)
        return trial;
    }
  return NULL;
}

/* Which of its parts the server has chosen. */
static PostsealProbeOffer
get_chosen_part (const Trial *whole)
{
  if (whole->offer == POSTSEAL_PROBE_OFFER_OLD)
    return g_str_equal (whole->version, "TLS 1.0") ? POSTSEAL_PROBE_OFFER_TLS_1_0
                                                   : POSTSEAL_PROBE_OFFER_TLS_1_1;
  if (whole->offer == POSTSEAL_PROBE_OFFER_WEAK)
    return strstr (whole->suite, "NULL") != NULL ? POSTSEAL_PROBE_OFFER_NULL
                                                 : POSTSEAL_PROBE_OFFER_BROKEN;
  return whole->dh_bits > 0 ? POSTSEAL_PROBE_OFFER_DHE : POSTSEAL_PROBE_OFFER_STATIC;
}

/* What the answer to the whole says of a part; otherwise it is asked for itself. */
static void
take_answer (Trial *trial, const Trial *whole)
{
  if (!whole->is_asked)
    return;
  /* What could not be offered was not refused. */
  if (whole->outcome == POSTSEAL_PROBE_TLS_REFUSED)
    trial->is_asked = _postseal_probe_tls_can_offer (trial->offer);
  else if (whole->outcome == POSTSEAL_PROBE_TLS_DONE)
    trial->is_asked = get_chosen_part (whole) == trial->offer;
  if (!trial->is_asked)
    return;
  trial->outcome = whole->outcome;
  trial->suite = g_strdup (whole->suite);
  trial->dh_bits = whole->dh_bits;
}

static void
plan_parts (GPtrArray *trials)
{
  for (guint i = 0; i < G_N_ELEMENTS (wholes); i++)
    {
      const Trial *whole = find_trial (trials, wholes[i].whole);

      for (guint part = 0; part < G_N_ELEMENTS (wholes[i].parts); part++)
        take_answer (add_trial (trials, wholes[i].parts[part]), whole);
    }
}

static gboolean
was_accepted (const Trial *trial)
{
  return trial != NULL && trial->is_asked && trial->outcome == POSTSEAL_PROBE_TLS_DONE;
}

static void
ask_all (PostsealPortSubject *self, GPtrArray *trials)
{
  run_trials (self, trials, MOST_AT_ONCE);
  /* Some servers take few connections at a time. */
  run_trials (self, trials, 1);
}

/* Returns: (nullable): one that was accepted */
static Trial *
find_accepted (GPtrArray *trials)
{
  for (guint i = 0; i < trials->len; i++)
    if (was_accepted (g_ptr_array_index (trials, i)))
      return g_ptr_array_index (trials, i);
  return NULL;
}

/* --- what follows --- */

/* Once more what has worked, to resume it: twice, since a server of many processes or machines may
   forget one of two. Returns: the server is still willing */
static gboolean
try_resumption (PostsealPortSubject *self, GPtrArray *trials)
{
  g_autoptr (GPtrArray) again = g_ptr_array_new_with_free_func (free_trial);
  Trial *older = find_trial (trials, POSTSEAL_PROBE_OFFER_TLS_1_2);
  gboolean has_older = was_accepted (older) && older->session != NULL;
  Trial *first = add_trial (again, POSTSEAL_PROBE_OFFER_GOOD);
  Trial *second = NULL;

  first->resume = self->session;
  run_trials (self, again, 1);
  if (!first->is_resumed)
    {
      second
          = add_trial (again, has_older ? POSTSEAL_PROBE_OFFER_TLS_1_2 : POSTSEAL_PROBE_OFFER_GOOD);
      second->resume = has_older ? older->session : self->session;
      run_trials (self, again, 1);
    }
  if (first->is_resumed || second->is_resumed)
    self->facts->resumption = POSTSEAL_SEEN_YES;
  else if (was_accepted (first) && was_accepted (second) && first->resume != NULL
           && second->resume != NULL)
    self->facts->resumption = POSTSEAL_SEEN_NO;
  return was_accepted (first) || was_accepted (second);
}

/* Returns: a handshake that has worked still works */
static gboolean
try_again (PostsealPortSubject *self, PostsealProbeOffer offer)
{
  g_autoptr (GPtrArray) again = g_ptr_array_new_with_free_func (free_trial);
  Trial *trial = add_trial (again, offer);

  run_trials (self, again, 1);
  return was_accepted (trial);
}

/* What a refusal is worth. */
typedef struct
{
  gboolean has_worked; /* some handshake: so it is what was offered that the server did not like */
  gboolean is_willing; /* one has worked after the others, too: a server that has had enough of us
                          drops connections, and that is no answer to the question */
} Standing;

static PostsealSeen
judge_trial (const Trial *trial, Standing standing)
{
  gboolean is_refused = FALSE;

  if (trial == NULL || !trial->is_asked)
    return POSTSEAL_SEEN_UNKNOWN;
  if (trial->outcome == POSTSEAL_PROBE_TLS_DONE)
    return POSTSEAL_SEEN_YES;
  is_refused = (trial->outcome == POSTSEAL_PROBE_TLS_REFUSED && standing.has_worked)
               || (trial->outcome == POSTSEAL_PROBE_TLS_DROPPED && standing.is_willing);
  return is_refused ? POSTSEAL_SEEN_NO : POSTSEAL_SEEN_UNKNOWN;
}

/* A server that takes what was sent in clear for TLS chokes on it, and one that answers in clear
   does so before TLS: both are as good as passing it over. */
static PostsealSeen
judge_stowaway (const Trial *trial, Standing standing)
{
  gboolean is_lost = trial->is_asked && trial->outcome != POSTSEAL_PROBE_TLS_DONE
                     && trial->outcome != POSTSEAL_PROBE_TLS_UNTRIED;

  return is_lost && standing.is_willing ? POSTSEAL_SEEN_NO : trial->stowaway;
}

static void
note_version (PostsealSeen *seen, GPtrArray *trials, PostsealProbeOffer offer, Standing standing)
{
  Trial *trial = find_trial (trials, offer);

  if (trial != NULL)
    *seen = judge_trial (trial, standing);
}

/* Returns: FALSE when nothing was learnt */
static gboolean
note_suite (char **suite, GPtrArray *trials, PostsealProbeOffer offer, Standing standing)
{
  Trial *trial = find_trial (trials, offer);

  if (was_accepted (trial))
    *suite = g_steal_pointer (&trial->suite);
  return judge_trial (trial, standing) != POSTSEAL_SEEN_UNKNOWN;
}

static void
note_trials (PostsealPortSubject *self, GPtrArray *trials, Standing standing)
{
  PostsealPortFacts *facts = self->facts;
  Trial *tls12 = find_trial (trials, POSTSEAL_PROBE_OFFER_TLS_1_2);
  Trial *dhe = find_trial (trials, POSTSEAL_PROBE_OFFER_DHE);
  Trial *stowaway = find_trial (trials, POSTSEAL_PROBE_OFFER_GOOD);
  Trial *accepted = find_accepted (trials);
  gboolean is_known = TRUE;

  note_version (&facts->tls10, trials, POSTSEAL_PROBE_OFFER_TLS_1_0, standing);
  note_version (&facts->tls11, trials, POSTSEAL_PROBE_OFFER_TLS_1_1, standing);
  note_version (&facts->tls12, trials, POSTSEAL_PROBE_OFFER_TLS_1_2, standing);
  note_version (&facts->tls13, trials, POSTSEAL_PROBE_OFFER_TLS_1_3, standing);
  is_known &= note_suite (&facts->suite_null, trials, POSTSEAL_PROBE_OFFER_NULL, standing);
  is_known
      &= note_suite (&facts->suite_anonymous, trials, POSTSEAL_PROBE_OFFER_ANONYMOUS, standing);
  is_known &= note_suite (&facts->suite_broken, trials, POSTSEAL_PROBE_OFFER_BROKEN, standing);
  is_known &= note_suite (&facts->suite_static, trials, POSTSEAL_PROBE_OFFER_STATIC, standing);
  facts->suites = is_known ? POSTSEAL_SEEN_YES : POSTSEAL_SEEN_UNKNOWN;
  if (was_accepted (dhe))
    facts->dh_bits = dhe->dh_bits;
  if (was_accepted (tls12))
    facts->extended_master_secret
        = tls12->has_extended_master_secret ? POSTSEAL_SEEN_YES : POSTSEAL_SEEN_NO;
  if (stowaway != NULL)
    facts->command_injection = judge_stowaway (stowaway, standing);
  if (facts->chain == NULL && accepted != NULL)
    facts->chain = g_steal_pointer (&accepted->chain);
}

void
_postseal_port_try (PostsealPortSubject *self)
{
  g_autoptr (GPtrArray) trials = g_ptr_array_new_with_free_func (free_trial);
  Trial *accepted = NULL;
  Standing standing = { FALSE, FALSE };

  plan_trials (self, trials);
  ask_all (self, trials);
  plan_parts (trials);
  ask_all (self, trials);
  accepted = find_accepted (trials);
  if (self->facts->has_tls == POSTSEAL_SEEN_YES)
    standing.is_willing = try_resumption (self, trials);
  else if (accepted != NULL)
    standing.is_willing = try_again (self, accepted->offer);
  standing.has_worked = self->facts->has_tls == POSTSEAL_SEEN_YES || accepted != NULL;
  note_trials (self, trials, standing);
}
