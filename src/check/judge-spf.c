/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "check/judge.h"

#include <string.h>

#include <glib/gi18n-lib.h>

#include "check/finding.h"
#include "check/judge-private.h"
#include "check/spf-record.h"

#define MOST_LOOKUPS 10 /* RFC 7208 section 4.6.4 */
#define DEEPEST 10 /* each level costs one: deeper counts as too many anyway */
#define MOST_SHARES 20 /* that are told */
#define MOST_SEEN 200 /* terms that ask: no record of ours to be led round in circles */

/* What whoever evaluates the record goes through. */
typedef struct
{
  PostsealFactBoard *board; /* borrowed */
  guint n_lookups; /* so far */
  char *flaw; /* owned, nullable: the first that is found */
  char qualifier; /* of the "all" that is reached; '\0': none */
  gboolean has_ptr;
  gboolean is_unsure; /* something is not known */
} Walk;

static void walk_domain (Walk *self, const char *domain, guint depth, gboolean is_final);

/* @flaw: (transfer full) */
static void
note_flaw (Walk *self, char *flaw)
{
  if (self->flaw == NULL)
    self->flaw = flaw;
  else
    g_free (flaw);
}

/* Macros (section 7) depend on the message: what they lead to cannot be told. */
static gboolean
is_name (const char *value)
{
  return strchr (value, '%') == NULL;
}

static void
walk_term (Walk *self, const PostsealSpfTerm *term, guint depth, gboolean is_final)
{
  if (postseal_spf_term_asks (term))
    self->n_lookups++;
  if (term->kind == POSTSEAL_SPF_PTR)
    self->has_ptr = TRUE;
  if (term->kind == POSTSEAL_SPF_INCLUDE && is_name (term->value))
    walk_domain (self, term->value, depth + 1, FALSE);
  else if (term->kind == POSTSEAL_SPF_REDIRECT && is_name (term->value))
    walk_domain (self, term->value, depth + 1, is_final);
}

/* What comes after "all" is never reached, nor is a redirect beside it (sections 5.1 and 6.1). */
static void
walk_terms (Walk *self, GPtrArray *terms, guint depth, gboolean is_final)
{
  const PostsealSpfTerm *redirect = NULL;

  for (guint i = 0; i < terms->len && self->n_lookups < MOST_SEEN; i++)
    {
      const PostsealSpfTerm *term = g_ptr_array_index (terms, i);

      if (term->kind == POSTSEAL_SPF_ALL)
        {
          if (is_final)
            self->qualifier = term->qualifier;
          return;
        }
      if (term->kind == POSTSEAL_SPF_REDIRECT)
        redirect = term;
      else
        walk_term (self, term, depth, is_final);
    }
  if (redirect != NULL)
    walk_term (self, redirect, depth, is_final);
}

static void
walk_text (Walk *self, const char *text, guint depth, gboolean is_final)
{
  char *flaw = NULL;
  g_autoptr (GPtrArray) terms = postseal_spf_record_parse (text, &flaw);

  if (terms != NULL)
    walk_terms (self, terms, depth, is_final);
  else
    note_flaw (self, flaw);
}

/* Another domain whose record is part of this one. */
static void
walk_domain (Walk *self, const char *domain, guint depth, gboolean is_final)
{
  g_autoptr (GPtrArray) texts = NULL;
  g_autoptr (GPtrArray) ignored = postseal_findings_new ();

  if (depth > DEEPEST)
    return;
  texts = _postseal_judge_find_texts (self->board, domain, postseal_spf_record_is, ignored);
  if (texts == NULL)
    self->is_unsure = TRUE;
  else if (texts->len == 0)
    note_flaw (self, g_strdup_printf (_ ("it refers to %s, which has no SPF record"), domain));
  else if (texts->len > 1)
    note_flaw (self,
               g_strdup_printf (_ ("it refers to %s, which has more than one SPF record"), domain));
  else
    walk_text (self, texts->pdata[0], depth, is_final);
}

/* What each term of the record costs. Returns: (transfer full): "include:a.example 4, mx 1" */
static char *
share_lookups (PostsealFactBoard *board, const char *text)
{
  char *flaw = NULL;
  g_autoptr (GPtrArray) terms = postseal_spf_record_parse (text, &flaw);
  GString *shares = g_string_new (NULL);

  g_free (flaw);
  for (guint i = 0; terms != NULL && i < MIN (terms->len, MOST_SHARES); i++)
    {
      const PostsealSpfTerm *term = g_ptr_array_index (terms, i);
      Walk walk = { board, 0, NULL, '\0', FALSE, FALSE };

      walk_term (&walk, term, 0, FALSE);
      g_free (walk.flaw);
      if (walk.n_lookups > 0)
        g_string_append_printf (shares, "%s%s %u", shares->len > 0 ? ", " : "", term->text,
                                walk.n_lookups);
    }
  return g_string_free (shares, FALSE);
}

static void
judge_all (const Walk *walk, const char *where, const char *text, GPtrArray *findings)
{
  switch (walk->qualifier)
    {
    case '+':
      postseal_findings_add (
          findings, "spf-all", where, text,
          g_strdup (_ ("SPF ends with +all: everybody may send for this domain")),
          g_strdup (_ ("replace it by -all or ~all")));
      break;
    case '-':
    case '~':
      postseal_findings_add (
          findings, "spf-ok", where, text,
          g_strdup_printf (_ ("SPF names who may send, with %u of %d questions to the DNS"),
                           walk->n_lookups, MOST_LOOKUPS),
          NULL);
      break;
    default:
      postseal_findings_add (
          findings, "spf-open", where, text,
          g_strdup (_ ("SPF names who may send, and says nothing of all others")),
          g_strdup (_ ("end it with -all or ~all")));
      break;
    }
}

static void
judge_record (PostsealFactBoard *board, const char *where, const char *text, GPtrArray *findings)
{
  Walk walk = { board, 0, NULL, '\0', FALSE, FALSE };
  g_autofree char *shares = NULL;

  walk_text (&walk, text, 0, TRUE);
  if (walk.n_lookups > MOST_LOOKUPS)
    {
      shares = share_lookups (board, text);
      postseal_findings_add (
          findings, "spf-lookups", where, shares,
          g_strdup_printf (_ ("SPF needs %u questions to the DNS where %d are allowed: the whole "
                              "record counts as broken"),
                           walk.n_lookups, MOST_LOOKUPS),
          g_strdup (_ ("take out what is included, or name networks instead")));
    }
  else if (walk.flaw != NULL)
    postseal_findings_add (
        findings, "spf-bad", where, text,
        g_strdup_printf (_ ("the SPF record is broken: %s"), walk.flaw),
        g_strdup (_ ("mend that term; until then receivers act as if there were no record")));
  else if (walk.is_unsure)
    postseal_findings_add (findings, "dns-fail", where, text,
                           g_strdup (_ ("a part of the SPF record is not known now")),
                           g_strdup (_ ("try again later")));
  else
    judge_all (&walk, where, text, findings);
  if (walk.has_ptr)
    postseal_findings_add (
        findings, "spf-ptr", where, text,
        g_strdup (_ ("SPF uses “ptr”, which is slow and which many receivers leave out")),
        g_strdup (_ ("name the networks instead")));
  g_free (walk.flaw);
}

void
postseal_judge_spf (PostsealFactBoard *board, const char *domain, GPtrArray *findings)
{
  g_autofree char *where = g_strdup_printf ("%s TXT", domain);
  g_autoptr (GPtrArray) texts
      = _postseal_judge_find_texts (board, domain, postseal_spf_record_is, findings);

  if (texts == NULL)
    return;
  if (texts->len == 0)
    postseal_findings_add (
        findings, "spf-absent", where, NULL,
        g_strdup (
            _ ("there is no SPF record: nobody says which machines may send for this domain")),
        g_strdup (_ ("publish one; “v=spf1 -all” for a domain that sends nothing")));
  else if (texts->len > 1)
    postseal_findings_add (
        findings, "spf-two", where, texts->pdata[1],
        g_strdup_printf (_ ("there are %u SPF records: all of them count as broken"), texts->len),
        g_strdup (_ ("make one of them")));
  else
    judge_record (board, where, texts->pdata[0], findings);
}
