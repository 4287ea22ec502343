/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "outbox/submission-header-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/limits.h"
#include "base/printable.h"
#include "outbox/outbox-error.h"
#include "wire/address-list.h"
#include "wire/encoded-word.h"
#include "wire/header-fields.h"

#define RESENT "Resent-"

struct _PostsealSubmissionHeader
{
  GString *text; /* owned */
  GArray *fields; /* owned (element-type PostsealHeaderField) */
  guint resent_first; /* the top-most block of Resent fields ... */
  guint resent_end; /* ... and what follows it; the same: there is none */
  GString *added; /* owned */
};

static const PostsealHeaderField *
get_field (const PostsealSubmissionHeader *self, guint index)
{
  return &g_array_index (self->fields, PostsealHeaderField, index);
}

static gboolean
is_field (const PostsealSubmissionHeader *self, guint index, const char *name)
{
  return postseal_header_field_is (get_field (self, index), self->text->str, name);
}

static gboolean
is_resent_field (const PostsealSubmissionHeader *self, guint index)
{
  const PostsealHeaderField *field = get_field (self, index);

  return field->name_length > strlen (RESENT)
         && g_ascii_strncasecmp (self->text->str + field->start, RESENT, strlen (RESENT)) == 0;
}

static gboolean
have_same_name (const PostsealSubmissionHeader *self, guint one, guint other)
{
  const PostsealHeaderField *a = get_field (self, one);
  const PostsealHeaderField *b = get_field (self, other);

  return a->name_length == b->name_length
         && g_ascii_strncasecmp (self->text->str + a->start, self->text->str + b->start,
                                 a->name_length)
                == 0;
}

static gboolean
is_repeated (const PostsealSubmissionHeader *self, guint first, guint index)
{
  for (guint i = first; i < index; i++)
    if (have_same_name (self, i, index))
      return TRUE;
  return FALSE;
}

/* RFC 5322 section 3.6.6: each block is in front of the older ones, and has each field once: where
   a name comes again, the next block begins. */
static void
find_resent_block (PostsealSubmissionHeader *self)
{
  guint first = 0;
  guint end;

  while (first < self->fields->len && !is_resent_field (self, first))
    first++;
  end = first;
  while (end < self->fields->len && is_resent_field (self, end) && !is_repeated (self, first, end))
    end++;
  self->resent_first = first;
  self->resent_end = end;
}

PostsealSubmissionHeader *
_postseal_submission_header_new (GString *text)
{
  PostsealSubmissionHeader *self = g_new0 (PostsealSubmissionHeader, 1);

  self->text = text;
  self->fields = postseal_header_fields_split (text->str, text->len);
  self->added = g_string_new (NULL);
  find_resent_block (self);
  return self;
}

void
_postseal_submission_header_free (PostsealSubmissionHeader *self)
{
  if (self == NULL)
    return;
  g_string_free (self->text, TRUE);
  g_array_unref (self->fields);
  g_string_free (self->added, TRUE);
  g_free (self);
}

gboolean
_postseal_submission_header_is_mbox_line (const char *line, gsize length)
{
  const char *text = length > 0 && *line == '>' ? line + 1 : line;

  return (gsize)(line + length - text) > 5 && memcmp (text, "From ", 5) == 0;
}

/* --- what must go, what must not change --- */

static gboolean
must_go (const PostsealSubmissionHeader *self, guint index)
{
  const PostsealHeaderField *field = get_field (self, index);

  if (index == 0 && field->name_length == 0)
    return _postseal_submission_header_is_mbox_line (self->text->str, field->length);
  return is_field (self, index, "Bcc") || is_field (self, index, "Resent-Bcc")
         || is_field (self, index, "Return-Path");
}

/* The value of "h=" in a DKIM-Signature (RFC 6376 section 3.5) has @name. */
static gboolean
covers (const PostsealSubmissionHeader *self, const PostsealHeaderField *field, const char *name)
{
  GString *value = g_string_sized_new (field->value_length);
  g_auto (GStrv) tags = NULL;
  gboolean is_covered = FALSE;

  /* White space means nothing in it (section 3.2). */
  for (gsize i = 0; i < field->value_length; i++)
    if (!g_ascii_isspace (self->text->str[field->value_start + i]))
      g_string_append_c (value, self->text->str[field->value_start + i]);
  tags = g_strsplit (value->str, ";", -1);
  g_string_free (value, TRUE);
  for (gsize i = 0; tags[i] != NULL; i++)
    if (g_str_has_prefix (tags[i], "h="))
      {
        g_auto (GStrv) names = g_strsplit (tags[i] + 2, ":", -1);

        for (gsize j = 0; names[j] != NULL; j++)
          is_covered = is_covered || g_ascii_strcasecmp (names[j], name) == 0;
      }
  return is_covered;
}

/* TRUE when a signature over the header covers @name, be it there or not (RFC 6376 section 5.4.2).
   What S/MIME and OpenPGP sign is below the header. */
static gboolean
is_signed (const PostsealSubmissionHeader *self, const char *name)
{
  for (guint i = 0; i < self->fields->len; i++)
    if (is_field (self, i, "DKIM-Signature") && covers (self, get_field (self, i), name))
      return TRUE;
  return FALSE;
}

static gboolean
check_removal (const PostsealSubmissionHeader *self, guint index, GError **error)
{
  const PostsealHeaderField *field = get_field (self, index);
  g_autofree char *name = g_strndup (self->text->str + field->start, field->name_length);

  if (field->name_length == 0 || !is_signed (self, name))
    return TRUE;
  g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_MESSAGE,
               _ ("“%s” has to be taken out, but the message's DKIM signature covers it; sign the "
                  "message without it"),
               name);
  return FALSE;
}

gboolean
_postseal_submission_header_check (PostsealSubmissionHeader *self, GError **error)
{
  guint received = 0;

  for (guint i = 0; i < self->fields->len; i++)
    {
      received += is_field (self, i, "Received");
      if (must_go (self, i) && !check_removal (self, i, error))
        return FALSE;
    }
  if (received <= POSTSEAL_LIMIT_RECEIVED)
    return TRUE;
  g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_MESSAGE,
               _ ("The message has been through %u servers already; it goes in circles, look for a "
                  "forwarding that leads back"),
               received);
  return FALSE;
}

/* --- looking and adding --- */

gboolean
_postseal_submission_header_is_resent (PostsealSubmissionHeader *self)
{
  return self->resent_end > self->resent_first;
}

/* Where "From" and the like are looked for, and under which name. */
typedef struct
{
  guint first;
  guint end;
  char name[32];
} Scope;

static Scope
make_scope (PostsealSubmissionHeader *self, const char *name)
{
  gboolean is_resent = _postseal_submission_header_is_resent (self);
  Scope scope = {
    .first = is_resent ? self->resent_first : 0,
    .end = is_resent ? self->resent_end : self->fields->len,
  };

  g_snprintf (scope.name, sizeof scope.name, "%s%s", is_resent ? RESENT : "", name);
  return scope;
}

gboolean
_postseal_submission_header_has (PostsealSubmissionHeader *self, const char *name)
{
  Scope scope = make_scope (self, name);

  for (guint i = scope.first; i < scope.end; i++)
    if (is_field (self, i, scope.name))
      return TRUE;
  return FALSE;
}

gboolean
_postseal_submission_header_add (PostsealSubmissionHeader *self,
                                 const char *name,
                                 const char *value,
                                 GError **error)
{
  Scope scope = make_scope (self, name);

  if (_postseal_submission_header_has (self, name))
    return TRUE;
  if (is_signed (self, scope.name))
    {
      g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_MESSAGE,
                   _ ("The message has no “%s”, and its DKIM signature says that none was to be "
                      "added; add it before signing"),
                   scope.name);
      return FALSE;
    }
  g_string_append_printf (self->added, "%s: %s\r\n", scope.name, value);
  return TRUE;
}

static guint
count_line (const PostsealSubmissionHeader *self, const PostsealHeaderField *field)
{
  guint line = 1;

  for (gsize i = 0; i < field->start; i++)
    line += self->text->str[i] == '\n';
  return line;
}

/* Returns: the line of the first that cannot be understood, 0: none */
static guint
collect (PostsealSubmissionHeader *self, const char *name, GPtrArray *addresses)
{
  Scope scope = make_scope (self, name);
  guint bad = 0;

  for (guint i = scope.first; i < scope.end; i++)
    {
      const PostsealHeaderField *field = get_field (self, i);

      if (is_field (self, i, scope.name)
          && !postseal_address_list_parse (self->text->str + field->value_start,
                                           field->value_length, addresses)
          && bad == 0)
        bad = count_line (self, field);
    }
  return bad;
}

void
_postseal_submission_header_collect_authors (PostsealSubmissionHeader *self, GPtrArray *addresses)
{
  collect (self, "From", addresses);
  collect (self, "Sender", addresses);
}

gboolean
_postseal_submission_header_collect_recipients (PostsealSubmissionHeader *self,
                                                GPtrArray *addresses,
                                                GError **error)
{
  static const char *const names[] = { "To", "Cc", "Bcc" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      guint line = collect (self, names[i], addresses);

      if (line > 0)
        {
          g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_MESSAGE,
                       _ ("Cannot understand the addresses in line %u of the message (“%s”); mend "
                          "them, or name the recipients on the command line"),
                       line, names[i]);
          return FALSE;
        }
    }
  return TRUE;
}

char *
_postseal_submission_header_describe (PostsealSubmissionHeader *self, const char *name)
{
  for (guint i = 0; i < self->fields->len; i++)
    if (is_field (self, i, name))
      {
        const PostsealHeaderField *field = get_field (self, i);
        g_autofree char *text = postseal_encoded_word_decode (self->text->str + field->value_start,
                                                              field->value_length);

        return postseal_printable (g_strstrip (g_strdelimit (text, "\t", ' ')), -1);
      }
  return g_strdup ("");
}

/* --- going out --- */

GString *
_postseal_submission_header_write (PostsealSubmissionHeader *self)
{
  GString *out = g_string_sized_new (self->text->len + self->added->len);
  guint front = _postseal_submission_header_is_resent (self) ? self->resent_first : 0;

  for (guint i = 0; i < self->fields->len; i++)
    {
      const PostsealHeaderField *field = get_field (self, i);

      if (i == front)
        g_string_append_len (out, self->added->str, (gssize)self->added->len);
      if (!must_go (self, i))
        g_string_append_len (out, self->text->str + field->start, (gssize)field->length);
    }
  if (self->fields->len == 0)
    g_string_append_len (out, self->added->str, (gssize)self->added->len);
  return out;
}
