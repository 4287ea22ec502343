/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "sendmail/arguments.h"

#include <glib/gi18n.h>
#include <string.h>

#include "base/printable.h"
#include "outbox/outbox-error.h"
#include "wire/address-list.h"

#define LONGEST_ENVID 100 /* RFC 3461 section 4.4 */

static gboolean
    G_GNUC_PRINTF (3, 4) refuse (GError **error, const char *value, const char *format, ...)
{
  g_autofree char *printable = postseal_printable (value, -1);
  g_autofree char *what = NULL;
  va_list arguments;

  va_start (arguments, format);
  what = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  g_set_error (error, POSTSEAL_OUTBOX_ERROR, POSTSEAL_OUTBOX_ERROR_USAGE, "%s: “%s”", what,
               printable);
  return FALSE;
}

/* --- addresses --- */

/* The addresses in @text, or @text itself where it is no list: what is wrong with it is said by
   whoever uses it. */
static void
append_addresses (GPtrArray *addresses, const char *text)
{
  guint before = addresses->len;

  for (const char *at = text; *at != '\0'; at++)
    if (g_ascii_iscntrl (*at))
      {
        g_ptr_array_add (addresses, g_strdup (text));
        return;
      }
  if (!postseal_address_list_parse (text, strlen (text), addresses) || addresses->len == before)
    {
      g_ptr_array_set_size (addresses, (int)before);
      g_ptr_array_add (addresses, g_strdup (text));
    }
}

static gboolean
set_sender (PostsealSendmailArguments *self, const char *value, GError **error)
{
  g_autoptr (GPtrArray) addresses = g_ptr_array_new_with_free_func (g_free);

  g_free (self->sender);
  if (*value == '\0' || strcmp (value, "<>") == 0)
    {
      self->sender = g_strdup ("");
      return TRUE;
    }
  append_addresses (addresses, value);
  self->sender = g_strdup (addresses->len == 1 ? g_ptr_array_index (addresses, 0) : value);
  return TRUE;
}

/* --- options --- */

static gboolean
set_full_name (PostsealSendmailArguments *self, const char *value, GError **error)
{
  g_free (self->full_name);
  self->full_name = NULL;
  if (!g_utf8_validate (value, -1, NULL))
    self->full_name = g_locale_to_utf8 (value, -1, NULL, NULL, NULL);
  if (self->full_name == NULL)
    self->full_name = g_utf8_make_valid (value, -1);
  return TRUE;
}

static gboolean
set_mode (PostsealSendmailArguments *self, const char *value, GError **error)
{
  static const struct
  {
    char letter;
    PostsealSendmailMode mode;
  } modes[] = {
    { 'm', POSTSEAL_SENDMAIL_SEND },        { 's', POSTSEAL_SENDMAIL_SPEAK_SMTP },
    { 'p', POSTSEAL_SENDMAIL_LIST_QUEUE },  { 'v', POSTSEAL_SENDMAIL_VERIFY },
    { 'i', POSTSEAL_SENDMAIL_NEW_ALIASES },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (modes); i++)
    if (value[0] == modes[i].letter && value[1] == '\0')
      {
        self->mode = modes[i].mode;
        return TRUE;
      }
  if (strcmp (value, "d") == 0 || strcmp (value, "D") == 0)
    return refuse (error, value, _ ("This sendmail waits for no mail from other machines: -b"));
  return refuse (error, value, _ ("There is no such mode of sendmail here: -b"));
}

static gboolean
set_body (PostsealSendmailArguments *self, const char *value, GError **error)
{
  self->is_binary = g_ascii_strcasecmp (value, "binarymime") == 0;
  if (self->is_binary || g_ascii_strcasecmp (value, "7bit") == 0
      || g_ascii_strcasecmp (value, "8bitmime") == 0)
    return TRUE;
  return refuse (error, value, _ ("-B takes 7bit, 8bitmime or binarymime"));
}

static gboolean
set_notify (PostsealSendmailArguments *self, const char *value, GError **error)
{
  static const struct
  {
    const char *name;
    PostsealSmtpNotify flag;
  } names[] = {
    { "never", POSTSEAL_SMTP_NOTIFY_NEVER },
    { "success", POSTSEAL_SMTP_NOTIFY_SUCCESS },
    { "failure", POSTSEAL_SMTP_NOTIFY_FAILURE },
    { "delay", POSTSEAL_SMTP_NOTIFY_DELAY },
  };
  g_auto (GStrv) words = g_strsplit (value, ",", -1);
  gboolean is_good = words[0] != NULL;
  guint notify = 0;

  for (gsize i = 0; words[i] != NULL; i++)
    {
      gsize at = 0;

      while (at < G_N_ELEMENTS (names)
             && g_ascii_strcasecmp (g_strstrip (words[i]), names[at].name) != 0)
        at++;
      is_good = is_good && at < G_N_ELEMENTS (names);
      notify |= at < G_N_ELEMENTS (names) ? names[at].flag : 0;
    }
  /* RFC 3461 section 4.1 */
  if ((notify & POSTSEAL_SMTP_NOTIFY_NEVER) != 0 && notify != POSTSEAL_SMTP_NOTIFY_NEVER)
    is_good = FALSE;
  self->notify = notify;
  return is_good
         || refuse (error, value,
                    _ ("-N takes never, or success, failure and delay with commas between"));
}

static gboolean
set_return (PostsealSendmailArguments *self, const char *value, GError **error)
{
  if (g_ascii_strcasecmp (value, "full") == 0)
    self->ret = POSTSEAL_SMTP_RETURN_FULL;
  else if (g_ascii_strcasecmp (value, "hdrs") == 0)
    self->ret = POSTSEAL_SMTP_RETURN_HEADERS;
  else
    return refuse (error, value, _ ("-R takes full or hdrs"));
  return TRUE;
}

static gboolean
set_envid (PostsealSendmailArguments *self, const char *value, GError **error)
{
  gsize length = strlen (value);
  gboolean is_good = length > 0 && length <= LONGEST_ENVID;

  for (gsize i = 0; i < length; i++)
    is_good = is_good && g_ascii_isgraph (value[i]);
  if (!is_good)
    return refuse (error, value, _ ("-V takes 1 to 100 printable ASCII characters"));
  g_free (self->envid);
  self->envid = g_strdup (value);
  return TRUE;
}

static gboolean
set_config (PostsealSendmailArguments *self, const char *value, GError **error)
{
  g_free (self->config);
  self->config = g_strdup (value);
  return TRUE;
}

static gboolean
set_account (PostsealSendmailArguments *self, const char *value, GError **error)
{
  g_free (self->account);
  self->account = g_strdup (value);
  return TRUE;
}

static gboolean
set_reads_recipients (PostsealSendmailArguments *self, const char *value, GError **error)
{
  self->reads_recipients = TRUE;
  return TRUE;
}

static gboolean
set_ignores_dots (PostsealSendmailArguments *self, const char *value, GError **error)
{
  self->ignores_dots = TRUE;
  return TRUE;
}

static gboolean
set_verbose (PostsealSendmailArguments *self, const char *value, GError **error)
{
  self->is_verbose = TRUE;
  return TRUE;
}

static gboolean
set_new_aliases (PostsealSendmailArguments *self, const char *value, GError **error)
{
  self->mode = POSTSEAL_SENDMAIL_NEW_ALIASES;
  return TRUE;
}

/* "-q30m" asks for a daemon that runs the queue again and again: here, for one run. */
static gboolean
set_queue_run (PostsealSendmailArguments *self, const char *value, GError **error)
{
  self->mode = POSTSEAL_SENDMAIL_RUN_QUEUE;
  g_clear_pointer (&self->queue_id, g_free);
  if (*value == 'I' && value[1] != '\0')
    self->queue_id = g_strdup (value + 1);
  return TRUE;
}

/* Of the -o options only -oi changes what is done here. */
static gboolean
set_old_option (PostsealSendmailArguments *self, const char *value, GError **error)
{
  if (strcmp (value, "i") == 0)
    self->ignores_dots = TRUE;
  return TRUE;
}

typedef enum
{
  TAKES_NOTHING,
  TAKES_REST, /* what is attached, maybe nothing */
  TAKES_VALUE, /* what is attached, else the next argument */
} Appetite;

typedef struct
{
  char letter;
  Appetite appetite;
  gboolean (*apply) (PostsealSendmailArguments *self,
                     const char *value,
                     GError **error); /* NULL: means nothing here */
} Option;

static const Option options[] = {
  { 'A', TAKES_VALUE, NULL }, /* configuration for submission or not */
  { 'B', TAKES_VALUE, set_body },
  { 'C', TAKES_VALUE, set_config },
  { 'E', TAKES_NOTHING, NULL },
  { 'F', TAKES_VALUE, set_full_name },
  { 'G', TAKES_NOTHING, NULL }, /* relayed rather than submitted */
  { 'I', TAKES_NOTHING, set_new_aliases },
  { 'L', TAKES_VALUE, NULL }, /* label in the system log */
  { 'N', TAKES_VALUE, set_notify },
  { 'O', TAKES_VALUE, NULL },
  { 'R', TAKES_VALUE, set_return },
  { 'U', TAKES_NOTHING, NULL },
  { 'V', TAKES_VALUE, set_envid },
  { 'X', TAKES_VALUE, NULL }, /* a file for the traffic: -v shows it */
  { 'b', TAKES_VALUE, set_mode },
  { 'c', TAKES_NOTHING, NULL },
  { 'd', TAKES_REST, NULL }, /* debugging */
  { 'e', TAKES_VALUE, NULL }, /* how errors are told */
  { 'f', TAKES_VALUE, set_sender },
  { 'h', TAKES_VALUE, NULL }, /* hop count */
  { 'i', TAKES_NOTHING, set_ignores_dots },
  { 'm', TAKES_NOTHING, NULL }, /* me too */
  { 'n', TAKES_NOTHING, NULL }, /* no aliases */
  { 'o', TAKES_VALUE, set_old_option },
  { 'p', TAKES_VALUE, NULL }, /* protocol it came by */
  { 'q', TAKES_REST, set_queue_run },
  { 'r', TAKES_VALUE, set_sender },
  { 's', TAKES_NOTHING, NULL },
  { 't', TAKES_NOTHING, set_reads_recipients },
  { 'v', TAKES_NOTHING, set_verbose },
  { 'x', TAKES_NOTHING, NULL },
};

static const Option *
find_option (char letter)
{
  for (gsize i = 0; i < G_N_ELEMENTS (options); i++)
    if (options[i].letter == letter)
      return &options[i];
  return NULL;
}

/* One argument that begins with "-". @index: (inout): of @argv */
static gboolean
parse_cluster (PostsealSendmailArguments *self, int argc, char **argv, int *index, GError **error)
{
  const char *cluster = argv[*index];

  for (const char *at = cluster + 1; *at != '\0'; at++)
    {
      const Option *option = find_option (*at);
      const char *value = "";

      if (option == NULL)
        return refuse (error, cluster, _ ("There is no such option, see postseal-sendmail(1)"));
      if (option->appetite != TAKES_NOTHING)
        value = at + 1;
      if (option->appetite == TAKES_VALUE && *value == '\0')
        {
          if (*index + 1 >= argc)
            return refuse (error, cluster, _ ("Something has to follow this option"));
          value = argv[++*index];
        }
      if (option->apply != NULL && !option->apply (self, value, error))
        return FALSE;
      if (option->appetite != TAKES_NOTHING)
        return TRUE;
    }
  return TRUE;
}

/* Ours, none of sendmail's, each with a value. */
static const struct
{
  const char *name;
  gboolean (*apply) (PostsealSendmailArguments *self, const char *value, GError **error);
} long_options[] = {
  { "--account", set_account },
  { "--config", set_config },
};

static gboolean
parse_long_value (
    PostsealSendmailArguments *self, int argc, char **argv, int *index, GError **error)
{
  const char *argument = argv[*index];

  for (gsize i = 0; i < G_N_ELEMENTS (long_options); i++)
    {
      gsize length = strlen (long_options[i].name);

      if (strncmp (argument, long_options[i].name, length) != 0)
        continue;
      if (argument[length] == '=')
        return long_options[i].apply (self, argument + length + 1, error);
      if (argument[length] == '\0' && *index + 1 < argc)
        return long_options[i].apply (self, argv[++*index], error);
      if (argument[length] == '\0')
        return refuse (error, argument, _ ("Something has to follow this option"));
    }
  return refuse (error, argument, _ ("There is no such option, see postseal-sendmail(1)"));
}

static gboolean
parse_long (PostsealSendmailArguments *self, int argc, char **argv, int *index, GError **error)
{
  const char *argument = argv[*index];

  if (strcmp (argument, "--help") == 0)
    self->mode = POSTSEAL_SENDMAIL_HELP;
  else if (strcmp (argument, "--version") == 0)
    self->mode = POSTSEAL_SENDMAIL_VERSION;
  else if (strcmp (argument, "--undo-dots") == 0)
    self->ignores_dots = self->undoes_dots = TRUE;
  else
    return parse_long_value (self, argc, argv, index, error);
  return TRUE;
}

/* --- all of it --- */

static PostsealSendmailMode
judge_name (const char *called_as)
{
  const char *slash = strrchr (called_as, '/');
  const char *name = slash != NULL ? slash + 1 : called_as;

  if (strcmp (name, "mailq") == 0 || strcmp (name, "postseal-mailq") == 0)
    return POSTSEAL_SENDMAIL_LIST_QUEUE;
  if (strcmp (name, "newaliases") == 0 || strcmp (name, "postseal-newaliases") == 0)
    return POSTSEAL_SENDMAIL_NEW_ALIASES;
  return POSTSEAL_SENDMAIL_SEND;
}

gboolean
postseal_sendmail_arguments_parse (PostsealSendmailArguments *self,
                                   int argc,
                                   char **argv,
                                   GError **error)
{
  gboolean takes_options = TRUE;

  memset (self, 0, sizeof *self);
  self->mode = judge_name (argc > 0 ? argv[0] : "");
  self->recipients = g_ptr_array_new_with_free_func (g_free);
  for (int i = 1; i < argc; i++)
    {
      gboolean is_parsed = TRUE;

      if (!takes_options || argv[i][0] != '-')
        append_addresses (self->recipients, argv[i]);
      else if (strcmp (argv[i], "--") == 0)
        takes_options = FALSE;
      else if (argv[i][1] == '\0')
        is_parsed = refuse (error, argv[i], _ ("This is neither an option nor an address"));
      else if (argv[i][1] == '-')
        is_parsed = parse_long (self, argc, argv, &i, error);
      else
        is_parsed = parse_cluster (self, argc, argv, &i, error);
      if (!is_parsed)
        return FALSE;
    }
  return TRUE;
}

void
postseal_sendmail_arguments_clear (PostsealSendmailArguments *self)
{
  g_free (self->config);
  g_free (self->account);
  g_free (self->sender);
  g_free (self->full_name);
  g_free (self->envid);
  g_free (self->queue_id);
  if (self->recipients != NULL)
    g_ptr_array_unref (self->recipients);
  memset (self, 0, sizeof *self);
}
