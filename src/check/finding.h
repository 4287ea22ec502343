/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What a check has found: one fact, what it means and what to do about it. */

/* From the best to the worst. */
typedef enum
{
  POSTSEAL_FINDING_GOOD,
  POSTSEAL_FINDING_INFO,
  POSTSEAL_FINDING_UNKNOWN, /* nothing can be said */
  POSTSEAL_FINDING_WARN,
  POSTSEAL_FINDING_BAD,
} PostsealFindingLevel;

/* What became of a mechanism as a whole: standards' words for it. */
typedef enum
{
  POSTSEAL_FINDING_OK,
  POSTSEAL_FINDING_ABSENT,
  POSTSEAL_FINDING_INVALID,
  POSTSEAL_FINDING_WARNING,
  POSTSEAL_FINDING_NOT_APPLICABLE,
  POSTSEAL_FINDING_UNSURE, /* the DNS or a server has not answered */
} PostsealFindingState;

typedef struct
{
  const char *id; /* stable, of the table in finding.c */
  char *where; /* owned: a port, "mx.example.org:25", or a record, "_dmarc.example.org TXT" */
  char *text; /* owned: a sentence */
  char *advice; /* owned, nullable: a sentence */
  char *evidence; /* owned, nullable: as it was seen, fit for printing */
} PostsealFinding;

/* Returns: (transfer full) (element-type PostsealFinding) */
GPtrArray *postseal_findings_new (void);

/**
 * postseal_findings_add:
 * @id: one of the table in finding.c
 * @evidence: (nullable): any bytes that are text
 * @text: (transfer full)
 * @advice: (transfer full) (nullable)
 */
void postseal_findings_add (GPtrArray *self,
                            const char *id,
                            const char *where,
                            const char *evidence,
                            char *text,
                            char *advice);

/* As its ID has it. */
PostsealFindingLevel postseal_finding_get_level (const PostsealFinding *self);
/* The same. */
PostsealFindingState postseal_finding_get_state (const PostsealFinding *self);
/* What it is about: of a server "ports", "upgrade", "tls", "cert", "dane"; of a domain "mx", "srv",
   "autoconfig", "dane", "sts", "report", "spf", "dkim", "dmarc"; of both "dns". */
const char *postseal_finding_get_topic (const PostsealFinding *self);

/* "good", "bad" ... and "ok", "not-applicable" ...: stable, for programs. */
const char *postseal_finding_level_to_string (PostsealFindingLevel level);
const char *postseal_finding_state_to_string (PostsealFindingState state);

/* The worst of all; POSTSEAL_FINDING_GOOD when there are none. */
PostsealFindingLevel postseal_findings_get_verdict (GPtrArray *self);

G_END_DECLS
