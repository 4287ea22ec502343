/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "smtp/smtp-transaction-private.h"

#include <glib/gi18n-lib.h>

#include "base/printable.h"
#include "wire/smtp-path.h"

typedef enum
{
  REHEARSAL_MAIL,
  REHEARSAL_RCPT,
  REHEARSAL_RSET,
} RehearsalStep;

typedef struct
{
  PostsealSmtpOperation base;
  RehearsalStep step; /* to be said next, once all is answered */
  gboolean is_said;
  char *sender; /* owned: with its domain as A-labels */
  char *recipient; /* owned, likewise */
  PostsealSmtpRehearsal *answers; /* owned */
} Rehearsal;

void
postseal_smtp_rehearsal_free (PostsealSmtpRehearsal *self)
{
  if (self == NULL)
    return;
  _postseal_smtp_answer_clear (&self->sender);
  _postseal_smtp_answer_clear (&self->recipient);
  g_free (self);
}

static void
clear (PostsealSmtpOperation *operation)
{
  Rehearsal *self = (Rehearsal *)operation;

  g_free (self->sender);
  g_free (self->recipient);
  g_clear_pointer (&self->answers, postseal_smtp_rehearsal_free);
}

static void
abandon (PostsealSmtpOperation *operation, const GError *error)
{
  g_autoptr (GTask) task = _postseal_smtp_operation_end (operation);

  g_task_return_error (task, g_error_copy (error));
}

static void
conclude (Rehearsal *self)
{
  PostsealSmtpRehearsal *answers = g_steal_pointer (&self->answers);
  g_autoptr (GTask) task = _postseal_smtp_operation_end (&self->base);

  g_task_return_pointer (task, answers, (GDestroyNotify)postseal_smtp_rehearsal_free);
}

static void
on_reply (PostsealSmtpSession *session,
          PostsealSmtpOperation *operation,
          const PostsealSmtpCommand *command,
          const PostsealSmtpReply *reply)
{
  Rehearsal *self = (Rehearsal *)operation;

  if (reply->code / 100 == 3 || (self->step == REHEARSAL_RSET && reply->code / 100 != 2))
    {
      _postseal_smtp_session_fail (
          session, _postseal_smtp_error_from_reply (session, reply, command->type->name));
      return;
    }
  self->is_said = FALSE;
  if (self->step == REHEARSAL_MAIL)
    _postseal_smtp_answer_take (&self->answers->sender, reply);
  else if (self->step == REHEARSAL_RCPT)
    _postseal_smtp_answer_take (&self->answers->recipient, reply);
  /* After a refused MAIL there is nothing to take back. */
  if (self->step == REHEARSAL_RSET || (self->step == REHEARSAL_MAIL && reply->code >= 400))
    conclude (self);
  else
    self->step++;
}

static gboolean
write_line (Rehearsal *self, GString *line)
{
  PostsealSmtpMailParameters parameters = { 0 };

  switch (self->step)
    {
    case REHEARSAL_MAIL:
      parameters.smtputf8
          = self->base.session->caps.has_smtputf8
            && (!g_str_is_ascii (self->sender) || !g_str_is_ascii (self->recipient));
      return postseal_smtp_command_append_mail (line, self->sender, &parameters);
    case REHEARSAL_RCPT:
      return postseal_smtp_command_append_rcpt (line, self->recipient, 0, NULL);
    case REHEARSAL_RSET:
    default:
      g_string_append (line, "RSET\r\n");
      return TRUE;
    }
}

/* What the next step says cannot be said. */
static void
refuse (Rehearsal *self)
{
  gboolean is_sender = self->step == REHEARSAL_MAIL;
  g_autofree char *shown = postseal_printable (is_sender ? self->sender : self->recipient, -1);

  _postseal_smtp_answer_refuse (
      is_sender ? &self->answers->sender : &self->answers->recipient, POSTSEAL_SMTP_PERMANENT,
      is_sender ? "5.1.7" : "5.1.3",
      g_strdup_printf (_ ("“%s” is no address that this server can be given"), shown));
}

static gboolean
send (PostsealSmtpOperation *operation)
{
  static const PostsealSmtpCommandType types[] = {
    { .name = "MAIL", .wait = POSTSEAL_SMTP_WAIT_COMMAND, .on_reply = on_reply },
    { .name = "RCPT", .wait = POSTSEAL_SMTP_WAIT_COMMAND, .on_reply = on_reply },
    { .name = "RSET", .wait = POSTSEAL_SMTP_WAIT_COMMAND, .on_reply = on_reply },
  };
  Rehearsal *self = (Rehearsal *)operation;
  g_autoptr (GString) line = g_string_new (NULL);

  if (self->is_said || !_postseal_smtp_session_is_idle (operation->session))
    return FALSE;
  while (!write_line (self, line))
    {
      refuse (self);
      if (self->step == REHEARSAL_MAIL)
        {
          conclude (self);
          return TRUE;
        }
      self->step++;
    }
  self->is_said = TRUE;
  _postseal_smtp_session_say (operation->session, &types[self->step], operation, line->str,
                              line->len, NULL);
  return FALSE;
}

/* Returns: (transfer full): as it goes out; where that is impossible it is refused later */
static char *
convert (const char *address)
{
  char *ascii = postseal_smtp_path_is_international (address)
                    ? postseal_smtp_path_to_ascii (address)
                    : NULL;

  return ascii != NULL ? ascii : g_strdup (address);
}

void
postseal_smtp_session_rehearse_async (PostsealSmtpSession *self,
                                      const char *sender,
                                      const char *recipient,
                                      GCancellable *cancellable,
                                      GAsyncReadyCallback callback,
                                      gpointer user_data)
{
  static const PostsealSmtpOperationType type
      = { .send = send, .abandon = abandon, .clear = clear };
  g_autoptr (GTask) task = NULL;
  Rehearsal *rehearsal = NULL;

  g_return_if_fail (POSTSEAL_IS_SMTP_SESSION (self));
  g_return_if_fail (sender != NULL && recipient != NULL);
  g_return_if_fail (self->state > POSTSEAL_SMTP_STATE_LOGIN);

  task = g_task_new (self, cancellable, callback, user_data);
  g_task_set_source_tag (task, postseal_smtp_session_rehearse_async);
  if (self->state == POSTSEAL_SMTP_STATE_CLOSED)
    {
      g_task_return_error (task, g_error_copy (self->closed_error));
      return;
    }
  rehearsal = _postseal_smtp_operation_begin (self, &type, sizeof (Rehearsal),
                                              g_steal_pointer (&task), cancellable);
  rehearsal->sender = convert (sender);
  rehearsal->recipient = convert (recipient);
  rehearsal->answers = g_new0 (PostsealSmtpRehearsal, 1);
  _postseal_smtp_answer_clear (&rehearsal->answers->sender);
  _postseal_smtp_answer_clear (&rehearsal->answers->recipient);
  _postseal_smtp_session_pump (self);
}

PostsealSmtpRehearsal *
postseal_smtp_session_rehearse_finish (PostsealSmtpSession *self,
                                       GAsyncResult *result,
                                       GError **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);
  return g_task_propagate_pointer (G_TASK (result), error);
}
