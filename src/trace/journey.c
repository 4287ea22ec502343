/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "trace/journey-private.h"

#include "base/limits.h"

static void
free_hop (gpointer data)
{
  PostsealHop *self = data;

  postseal_received_free (self->received);
  g_free (self);
}

static void
free_checks (gpointer data)
{
  PostsealChecks *self = data;

  postseal_authentication_results_free (self->results);
  g_free (self);
}

static void
add_hop (PostsealJourney *self, const char *value, gsize length, guint field, gboolean is_own)
{
  PostsealHop *hop = g_new0 (PostsealHop, 1);

  hop->received = postseal_received_parse (value, length);
  hop->field = field;
  hop->is_own = is_own;
  g_ptr_array_add (self->hops, hop);
}

static void
add_checks (PostsealJourney *self, const char *value, gsize length, guint field)
{
  PostsealChecks *checks = g_new0 (PostsealChecks, 1);

  checks->results = postseal_authentication_results_parse (value, length);
  checks->field = field;
  g_ptr_array_add (self->checks, checks);
}

PostsealJourney *
postseal_journey_new (const PostsealMessageFile *file,
                      const char *const *trusted,
                      const char *server,
                      gboolean has_own_field)
{
  PostsealJourney *self;

  g_return_val_if_fail (file != NULL, NULL);

  self = g_new0 (PostsealJourney, 1);
  self->hops = g_ptr_array_new_with_free_func (free_hop);
  self->checks = g_ptr_array_new_with_free_func (free_checks);
  for (guint i = 0; i < file->fields->len; i++)
    {
      const PostsealHeaderField *field = &g_array_index (file->fields, PostsealHeaderField, i);
      const char *value = file->header + field->value_start;
      gboolean is_hop = postseal_header_field_is (field, file->header, "Received");
      gboolean is_checks = postseal_header_field_is (field, file->header, "Authentication-Results");

      if ((is_hop && self->hops->len >= POSTSEAL_LIMIT_RECEIVED)
          || (is_checks && self->checks->len >= POSTSEAL_LIMIT_RECEIVED))
        self->n_more++;
      else if (is_hop)
        add_hop (self, value, field->value_length, i, has_own_field && i == 0);
      else if (is_checks)
        add_checks (self, value, field->value_length, i);
    }
  _postseal_journey_judge (self, trusted, server);
  return self;
}

void
postseal_journey_free (PostsealJourney *self)
{
  if (self == NULL)
    return;
  g_ptr_array_unref (self->hops);
  g_ptr_array_unref (self->checks);
  g_free (self);
}
