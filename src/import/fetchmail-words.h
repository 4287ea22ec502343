/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The keywords of a fetchmailrc: fetchmail(1), "Keyword/Option Summary". */

typedef enum
{
  POSTSEAL_FETCHMAIL_NOISE, /* "and", "with": means nothing */
  POSTSEAL_FETCHMAIL_ENTRY, /* begins an entry: "poll", "set" */
  POSTSEAL_FETCHMAIL_SIDE, /* "here", "there" */
  POSTSEAL_FETCHMAIL_NO, /* "no" */
  POSTSEAL_FETCHMAIL_SERVER, /* an option of the server */
  POSTSEAL_FETCHMAIL_USER, /* an option of a user */
} PostsealFetchmailScope;

typedef enum
{
  POSTSEAL_FETCHMAIL_FLAG, /* nothing follows */
  POSTSEAL_FETCHMAIL_ONE, /* a string or a number */
  POSTSEAL_FETCHMAIL_SECRET,
  POSTSEAL_FETCHMAIL_LIST, /* up to the next keyword */
  POSTSEAL_FETCHMAIL_MAP, /* the same, with "=" between some */
  POSTSEAL_FETCHMAIL_COUNTED, /* a string, perhaps behind a number */
} PostsealFetchmailForm;

typedef struct
{
  const char *word;
  const char *name; /* the same without abbreviation */
  PostsealFetchmailScope scope;
  PostsealFetchmailForm form;
} PostsealFetchmailWord;

/* Returns: (transfer none) (nullable) */
const PostsealFetchmailWord *postseal_fetchmail_word_find (const char *word);
/* Of what follows "set". Returns: (transfer none) (nullable) */
const PostsealFetchmailWord *postseal_fetchmail_word_find_global (const char *word);

G_END_DECLS
