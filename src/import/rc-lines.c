/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "import/rc-lines.h"

#include <string.h>

#include "import/rc-section.h"

/* Most lines are short; the copy is as long as the longest may be. */
void
postseal_rc_lines_init (PostsealRcLines *self, const char *text, gsize length)
{
  *self = (PostsealRcLines){
    .next = text, .end = text + length, .text = g_malloc0 (length + 1), .size = length + 1
  };
}

void
postseal_rc_lines_clear (PostsealRcLines *self)
{
  postseal_rc_wipe_text (g_steal_pointer (&self->text), self->size);
}

gboolean
postseal_rc_lines_next (PostsealRcLines *self)
{
  const char *newline;
  gsize length;

  if (self->next >= self->end)
    return FALSE;
  newline = memchr (self->next, '\n', (gsize)(self->end - self->next));
  length = (gsize)((newline != NULL ? newline : self->end) - self->next);
  memcpy (self->text, self->next, length);
  self->text[length] = '\0';
  if (length > 0 && self->text[length - 1] == '\r')
    self->text[length - 1] = '\0';
  self->next = newline != NULL ? newline + 1 : self->end;
  self->line++;
  return TRUE;
}

char *
postseal_rc_lines_cut_word (char **text)
{
  char *word = *text + strspn (*text, " \t");
  char *end = word + strcspn (word, " \t");

  *text = end + strspn (end, " \t");
  *end = '\0';
  return word;
}
