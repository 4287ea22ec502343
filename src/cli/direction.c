/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "cli/direction.h"

#include <string.h>

/* The property of this direction: "receive-state", "send-state". @ret_value: its address */
static void
get (PostsealAccountStatus *status, gboolean is_sending, const char *property, gpointer ret_value)
{
  g_autofree char *name = g_strconcat (is_sending ? "send-" : "receive-", property, NULL);

  g_object_get (status, name, ret_value, NULL);
}

static void
read_receiving (PostsealDirection *self, PostsealAccountStatus *status)
{
  get (status, FALSE, "mailbox", &self->mailbox);
  get (status, FALSE, "watched", &self->watched);
  g_object_get (status, "messages-total", &self->messages_total, "messages-done",
                &self->messages_done, "bytes-total", &self->bytes_total, "bytes-done",
                &self->bytes_done, NULL);
}

static void
read_sending (PostsealDirection *self, PostsealAccountStatus *status)
{
  get (status, TRUE, "messages-total", &self->messages_total);
  get (status, TRUE, "messages-done", &self->messages_done);
  get (status, TRUE, "bytes-total", &self->bytes_total);
  get (status, TRUE, "bytes-done", &self->bytes_done);
  g_object_get (status, "waiting", &self->waiting, NULL);
}

PostsealDirection *
postseal_direction_read (PostsealAccountStatus *status, gboolean is_sending)
{
  PostsealDirection *self = g_new0 (PostsealDirection, 1);
  g_autofree char *state = NULL;
  g_autoptr (GVariant) seal = NULL;

  self->is_sending = is_sending;
  g_object_get (status, is_sending ? "sends" : "receives", &self->is_served, NULL);
  get (status, is_sending, "state", &state);
  self->state = postseal_account_state_parse (state);
  get (status, is_sending, "since", &self->since);
  get (status, is_sending, "activity", &self->activity);
  get (status, is_sending, "seal", &seal);
  self->seal = postseal_seal_from_variant (seal);
  get (status, is_sending, "changes", &self->changes);
  get (status, is_sending, "error", &self->error);
  get (status, is_sending, "advice", &self->advice);
  get (status, is_sending, "status", &self->status);
  get (status, is_sending, "next", &self->next);
  get (status, is_sending, "last", &self->last);
  if (is_sending)
    read_sending (self, status);
  else
    read_receiving (self, status);
  return self;
}

void
postseal_direction_free (PostsealDirection *self)
{
  if (self == NULL)
    return;
  g_free (self->activity);
  g_free (self->mailbox);
  g_clear_pointer (&self->seal, postseal_seal_unref);
  g_strfreev (self->changes);
  g_free (self->error);
  g_free (self->advice);
  g_strfreev (self->watched);
  g_free (self);
}
