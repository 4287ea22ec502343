/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/page.h"

#include <string.h>
#include <unistd.h>

#include "cli/report.h"
#include "cli/screen.h"

#define MOST_COLUMNS 80
#define LABEL_COLUMNS 14 /* with what is around it */
#define LEAST_TEXT 20 /* columns: a narrower terminal folds by itself */

PostsealPage *
postseal_page_new (int fd)
{
  PostsealPage *self = g_new0 (PostsealPage, 1);
  const char *no_color = g_getenv ("NO_COLOR");

  self->text = g_string_new (NULL);
  self->columns = postseal_screen_measure (fd, MOST_COLUMNS);
  /* no-color.org: any value but an empty one */
  self->is_coloured = self->columns > 0 && (no_color == NULL || *no_color == '\0')
                      && g_strcmp0 (g_getenv ("TERM"), "dumb") != 0;
  return self;
}

void
postseal_page_free (PostsealPage *self)
{
  if (self == NULL)
    return;
  g_string_free (self->text, TRUE);
  g_free (self);
}

/* SGR, ECMA-48 section 8.3.117 */
static const char *
get_colour (const PostsealPage *self, PostsealPageStyle style)
{
  if (!self->is_coloured)
    return NULL;
  switch (style)
    {
    case POSTSEAL_PAGE_STRONG:
      return "\033[1m";
    case POSTSEAL_PAGE_NOTABLE:
      return "\033[33m";
    case POSTSEAL_PAGE_BAD:
      return "\033[31m";
    case POSTSEAL_PAGE_PLAIN:
    default:
      return NULL;
    }
}

static void
append_styled (PostsealPage *self, const char *text, gsize length, PostsealPageStyle style)
{
  const char *colour = get_colour (self, style);

  if (colour != NULL)
    g_string_append (self->text, colour);
  g_string_append_len (self->text, text, length);
  if (colour != NULL)
    g_string_append (self->text, "\033[0m");
}

/* Bytes of @text that fit into @columns. */
static gsize
fit (const char *text, guint columns)
{
  const char *end = text;
  guint used = 0;

  while (*end != '\0')
    {
      guint width = postseal_report_character_columns (g_utf8_get_char (end));

      if (used + width > columns)
        break;
      used += width;
      end = g_utf8_next_char (end);
    }
  return end - text;
}

/* Bytes of the first line of @text: up to the last space that fits, or as much as fits where a word
   is longer than a line. */
static gsize
fold (const char *text, guint columns)
{
  gsize length = fit (text, columns);
  gsize end = length;

  if (text[length] == '\0' || text[length] == ' ')
    return length;
  while (end > 0 && text[end - 1] != ' ')
    end--;
  while (end > 0 && text[end - 1] == ' ')
    end--;
  if (end > 0)
    return end;
  return length > 0 ? length : (gsize)(g_utf8_next_char (text) - text);
}

/* @indent: of all lines but the first, which has begun already */
static void
append_folded (PostsealPage *self, const char *raw, guint indent, PostsealPageStyle style)
{
  g_autofree char *shown = postseal_report_make_printable (raw);
  const char *text = shown;
  guint room = self->columns > indent + LEAST_TEXT ? self->columns - 1 - indent : LEAST_TEXT;

  for (gboolean is_first = TRUE; is_first || *text != '\0'; is_first = FALSE)
    {
      gsize length = self->columns > 0 ? fold (text, room) : strlen (text);

      if (!is_first)
        g_string_append_printf (self->text, "%*s", (int)indent, "");
      append_styled (self, text, length, style);
      g_string_append_c (self->text, '\n');
      text += length;
      text += strspn (text, " ");
    }
}

void
postseal_page_add_title (PostsealPage *self, const char *title, const char *rest)
{
  g_autofree char *shown = postseal_report_make_printable (title);
  g_autofree char *shown_rest = postseal_report_make_printable (rest);

  append_styled (self, shown, strlen (shown), POSTSEAL_PAGE_STRONG);
  g_string_append_printf (self->text, "%s%s\n", *rest != '\0' ? "  " : "", shown_rest);
}

void
postseal_page_add_sentence (PostsealPage *self, const char *sentence, PostsealPageStyle style)
{
  append_folded (self, sentence, 0, style);
}

void
postseal_page_add_entry (PostsealPage *self,
                         const char *label,
                         const char *text,
                         PostsealPageStyle style)
{
  glong width = postseal_report_count_columns (label);

  if (text == NULL || *text == '\0')
    return;
  g_string_append_printf (self->text, "  %s%*s", label, (int)MAX (1, LABEL_COLUMNS - 2 - width),
                          "");
  append_folded (self, text, LABEL_COLUMNS, style);
}

void
postseal_page_add_cut (PostsealPage *self, const char *text, PostsealPageStyle style)
{
  g_autofree char *shown = NULL;
  gsize length = self->columns > 0 ? fit (text, self->columns - 1) : strlen (text);

  if (text[length] != '\0')
    {
      g_autofree char *head = g_strndup (text, fit (text, self->columns - 2));

      shown = g_strconcat (head, "…", NULL);
      text = shown;
    }
  append_styled (self, text, strlen (text), style);
  g_string_append_c (self->text, '\n');
}

void
postseal_page_add_gap (PostsealPage *self)
{
  if (self->text->len > 0)
    g_string_append_c (self->text, '\n');
}

guint
postseal_page_count_lines (const PostsealPage *self)
{
  guint lines = 0;

  for (const char *end = self->text->str; (end = strchr (end, '\n')) != NULL; end++)
    lines++;
  return lines;
}
