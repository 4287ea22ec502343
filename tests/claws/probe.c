/* SPDX-License-Identifier: GPL-3.0-or-later */

/* A plugin for Claws Mail by which a test looks into it: answers one line a connection, on the
   socket $POSTSEAL_PROBE.

   ready               "ready"
   load PATH           loads a plugin: "loaded", or what is wrong
   unload NAME         "unloaded", or "absent"
   gap                 the longest time in ms that the main loop stood still, since asked last,
                       and the longest that the processor worked for it without a pause
   memory              of the process, in KiB
   status              what the status bar says
   dialogs             how many modal windows there are
   lock, unlock        keeps the host from receiving, as an open dialog does
   activate NAME       of an action, or its path in the menus: "activated", or "absent"
   later NAME          the same, after the answer
   compose NAME        the same, of the compose window that was opened last
   to ADDRESS          one more recipient in the compose window that was opened last
   composing           how many compose windows there are
   flags FOLDER/N      of a message, by the host's identifier: "locked", "replied", "forwarded" and
                       "unread", as far as they are set; "absent"
   delete FOLDER/N     a message for good, as the user can
   account N           "use_mail_command mail_command"
   dialog              the title of the modal dialog on top: "Input password", say; "none"
   asked               how often the host has wanted a password
   type TEXT           into the host's question for a password, to be remembered: "typed"
   dismiss             a dialog, as with its close button: "dismissed"; "absent"
   keep N ID TEXT      a password in the host's own store, for account N
   kept N              which ones it has there: "recv", "send"
   session N           what the host remembers of passwords until it ends
   do TEXT             what another plugin of a test knows: "done", or "unknown"
   protocol N          how the account N is received, as the host's number, and whether with "all"
   current N           makes account N the current one
   entry WHERE N       activates the entry of account N where the host gets the mail of one: "menu",
                       or "toolbar"
   button NAME         clicks a button of the toolbar: "all", "current"
   password TEXT       from now on the password of everything */

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <gtk/gtk.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <common/hooks.h>
#include <common/plugin.h>
#include <account.h>
#include <compose.h>
#include <folder.h>
#include <inc.h>
#include <mainwindow.h>
#include <passwordstore.h>
#include <procmsg.h>

#define TICK_MS 5

static GSocketService *service; /* owned */
static gulong password_hook;
static guint times_asked;
static guint ticker;
static gint64 last_tick; /* microseconds */
static gint64 longest_gap;
static gint64 last_work; /* of this thread, microseconds */
static gint64 longest_work;

static gint64
count_work (void)
{
  struct timespec time;

  clock_gettime (CLOCK_THREAD_CPUTIME_ID, &time);
  return (gint64)time.tv_sec * G_USEC_PER_SEC + time.tv_nsec / 1000;
}

static gboolean
on_tick (gpointer user_data)
{
  gint64 now = g_get_monotonic_time ();
  gint64 work = count_work ();

  longest_gap = MAX (longest_gap, now - last_tick - TICK_MS * 1000);
  longest_work = MAX (longest_work, work - last_work);
  last_tick = now;
  last_work = work;
  return G_SOURCE_CONTINUE;
}

static char *
load (const char *path)
{
  char *error = NULL;

  if (plugin_load (path, &error) != NULL)
    return g_strdup ("loaded");
  return error != NULL ? error : g_strdup ("refused");
}

static char *
unload (const char *name)
{
  Plugin *plugin = plugin_get_loaded_by_name (name);

  if (plugin == NULL)
    return g_strdup ("absent");
  plugin_unload (plugin);
  return g_strdup ("unloaded");
}

static char *
take_gap (void)
{
  char *text;

  on_tick (NULL);
  text = g_strdup_printf ("%.1f %.1f", (double)longest_gap / 1000, (double)longest_work / 1000);
  longest_gap = 0;
  longest_work = 0;
  return text;
}

static char *
tell_memory (void)
{
  unsigned long pages = 0;
  FILE *file = fopen ("/proc/self/statm", "r");

  if (file == NULL || fscanf (file, "%*u %lu", &pages) != 1)
    pages = 0;
  if (file != NULL)
    fclose (file);
  return g_strdup_printf ("%lu", pages * (unsigned long)sysconf (_SC_PAGESIZE) / 1024);
}

static void
find_label (GtkWidget *widget, gpointer user_data)
{
  char **text = user_data;

  if (GTK_IS_LABEL (widget) && *text == NULL)
    *text = g_strdup (gtk_label_get_text (GTK_LABEL (widget)));
  else if (GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), find_label, text);
}

static char *
tell_status (void)
{
  char *text = NULL;

  find_label (mainwindow_get_mainwindow ()->statusbar, &text);
  return text != NULL ? text : g_strdup ("");
}

static char *
count_dialogs (void)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();
  guint n = 0;

  for (GList *each = windows; each != NULL; each = each->next)
    if (gtk_window_get_modal (each->data) && gtk_widget_get_visible (each->data))
      n++;
  return g_strdup_printf ("%u", n);
}

/* @name: of an action, or its path in the user interface. Returns: (nullable) */
static GtkAction *
find_action (GtkUIManager *manager, const char *name)
{
  GtkAction *action = NULL;

  if (*name == '/')
    return gtk_ui_manager_get_action (manager, name);
  for (GList *each = gtk_ui_manager_get_action_groups (manager); each != NULL && action == NULL;
       each = each->next)
    action = gtk_action_group_get_action (each->data, name);
  return action;
}

static char *
activate (GtkUIManager *manager, const char *name)
{
  GtkAction *action = find_action (manager, name);

  if (action == NULL)
    return g_strdup ("absent");
  gtk_action_activate (action);
  return g_strdup ("activated");
}

static gboolean
on_later (gpointer user_data)
{
  gtk_action_activate (user_data);
  return G_SOURCE_REMOVE;
}

/* What opens a dialog comes back when that is closed. */
static char *
activate_later (GtkUIManager *manager, const char *name)
{
  GtkAction *action = find_action (manager, name);

  if (action == NULL)
    return g_strdup ("absent");
  g_idle_add (on_later, action);
  return g_strdup ("activated");
}

static char *
compose (const char *name)
{
  const GList *last = g_list_last ((GList *)compose_get_compose_list ());

  return last != NULL ? activate (((Compose *)last->data)->ui_manager, name) : g_strdup ("absent");
}

static char *
add_recipient (const char *address)
{
  const GList *last = g_list_last ((GList *)compose_get_compose_list ());

  if (last == NULL)
    return g_strdup ("absent");
  compose_entry_append (last->data, address, COMPOSE_TO, PREF_NONE);
  return g_strdup ("added");
}

static char *
tell_flags (const char *line)
{
  static const struct
  {
    MsgPermFlags flag;
    const char *name;
  } names[] = { { MSG_LOCKED, "locked " },
                { MSG_REPLIED, "replied " },
                { MSG_FORWARDED, "forwarded " },
                { MSG_UNREAD, "unread " } };
  const char *slash = strrchr (line, '/');
  g_autofree char *folder = g_strndup (line, (gsize)(slash - line));
  FolderItem *item = folder_find_item_from_identifier (folder);
  MsgInfo *info = item != NULL ? folder_item_get_msginfo (item, atoi (slash + 1)) : NULL;
  GString *text = g_string_new ("");

  if (info == NULL)
    return g_string_free (g_string_assign (text, "absent"), FALSE);
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if ((info->flags.perm_flags & names[i].flag) != 0)
      g_string_append (text, names[i].name);
  procmsg_msginfo_free (&info);
  return g_strchomp (g_string_free (text, FALSE));
}

static char *delete (const char *line)
{
  const char *slash = strrchr (line, '/');
  g_autofree char *folder = g_strndup (line, (gsize)(slash - line));
  FolderItem *item = folder_find_item_from_identifier (folder);

  MsgInfo *info = item != NULL ? folder_item_get_msginfo (item, atoi (slash + 1)) : NULL;

  if (info == NULL)
    return g_strdup ("absent");
  procmsg_msginfo_unset_flags (info, MSG_LOCKED, 0);
  procmsg_msginfo_free (&info);
  folder_item_remove_msg (item, atoi (slash + 1));
  return g_strdup ("deleted");
}

static char *
tell_account (const char *number)
{
  PrefsAccount *account = account_find_from_id (atoi (number));

  return account != NULL
             ? g_strdup_printf ("%d %s", account->use_mail_command,
                                account->mail_command != NULL ? account->mail_command : "")
             : g_strdup ("absent");
}

/* Returns: (transfer none) (nullable): the modal window that asks or tells something */
static GtkWindow *
find_dialog (void)
{
  g_autoptr (GList) windows = gtk_window_list_toplevels ();
  GtkWindow *found = NULL;

  for (GList *each = windows; each != NULL; each = each->next)
    if (gtk_window_get_modal (each->data) && gtk_widget_get_visible (each->data)
        && gtk_window_get_title (each->data) != NULL)
      found = each->data;
  return found;
}

static char *
tell_dialog (void)
{
  GtkWindow *dialog = find_dialog ();

  return g_strdup (dialog != NULL ? gtk_window_get_title (dialog) : "none");
}

/* Returns: (transfer none) (nullable): the first one of @type below @widget */
typedef struct
{
  GType type;
  GtkWidget *found;
} Search;

static void
search (GtkWidget *widget, gpointer user_data)
{
  Search *self = user_data;

  if (self->found == NULL && G_TYPE_CHECK_INSTANCE_TYPE (widget, self->type))
    self->found = widget;
  else if (self->found == NULL && GTK_IS_CONTAINER (widget))
    gtk_container_forall (GTK_CONTAINER (widget), search, self);
}

static gboolean
on_typed (gpointer user_data)
{
  gtk_widget_activate (user_data);
  return G_SOURCE_REMOVE;
}

static char *
type (const char *text)
{
  GtkWindow *dialog = find_dialog ();
  Search entry = { GTK_TYPE_ENTRY, NULL }, check = { GTK_TYPE_CHECK_BUTTON, NULL };

  if (dialog == NULL)
    return g_strdup ("absent");
  search (GTK_WIDGET (dialog), &entry);
  search (GTK_WIDGET (dialog), &check);
  gtk_entry_set_text (GTK_ENTRY (entry.found), text);
  gtk_toggle_button_set_active (GTK_TOGGLE_BUTTON (check.found), TRUE);
  g_idle_add (on_typed, entry.found);
  return g_strdup ("typed");
}

static char *
dismiss (void)
{
  GtkWindow *dialog = find_dialog ();

  if (dialog == NULL)
    return g_strdup ("absent");
  gtk_window_close (dialog);
  return g_strdup ("dismissed");
}

/* @line: "N ID TEXT" */
static char *
keep (const char *line)
{
  g_auto (GStrv) words = g_strsplit (line, " ", 3);

  passwd_store_set_account (atoi (words[0]), words[1], words[2], FALSE);
  passwd_store_write_config ();
  return g_strdup ("kept");
}

static char *
tell_kept (int id)
{
  return g_strconcat (passwd_store_has_password_account (id, PWS_ACCOUNT_RECV) ? "recv " : "",
                      passwd_store_has_password_account (id, PWS_ACCOUNT_SEND) ? "send" : "", NULL);
}

static char *
tell_session (int id)
{
  const PrefsAccount *account = account_find_from_id (id);

  return g_strdup_printf ("%s %s", account->session_passwd != NULL ? account->session_passwd : "-",
                          account->session_smtp_passwd != NULL ? account->session_smtp_passwd
                                                               : "-");
}

/* Comes first of all that are asked. */
static gboolean
on_password_asked (gpointer source, gpointer user_data)
{
  times_asked++;
  return FALSE;
}

static char *
answer_passwords (const char *line)
{
  if (g_str_has_prefix (line, "type "))
    return type (line + 5);
  if (g_str_equal (line, "dialog"))
    return tell_dialog ();
  if (g_str_equal (line, "asked"))
    return g_strdup_printf ("%u", times_asked);
  if (g_str_equal (line, "dismiss"))
    return dismiss ();
  if (g_str_has_prefix (line, "keep "))
    return keep (line + 5);
  if (g_str_has_prefix (line, "kept "))
    return tell_kept (atoi (line + 5));
  if (g_str_has_prefix (line, "session "))
    return tell_session (atoi (line + 8));
  if (g_str_has_prefix (line, "do "))
    return g_strdup (hooks_invoke ("postseal-test", (gpointer)(line + 3)) ? "done" : "unknown");
  return NULL;
}

static char *
tell_protocol (const char *number)
{
  PrefsAccount *account = account_find_from_id (atoi (number));

  return account != NULL ? g_strdup_printf ("%d %d", account->protocol, account->recv_at_getall)
                         : g_strdup ("absent");
}

static char *
make_current (const char *number)
{
  PrefsAccount *account = account_find_from_id (atoi (number));

  if (account == NULL)
    return g_strdup ("absent");
  cur_account = account;
  return g_strdup ("current");
}

/* @words: WHERE N */
static char *
enter (const char *words)
{
  MainWindow *window = mainwindow_get_mainwindow ();
  PrefsAccount *account = account_find_from_id (atoi (strchr (words, ' ') + 1));
  GtkWidget *menu;
  g_autoptr (GList) items = NULL;

  if (g_str_has_prefix (words, "toolbar"))
    menu = gtk_menu_tool_button_get_menu (GTK_MENU_TOOL_BUTTON (window->toolbar->getall_btn));
  else
    menu = gtk_menu_item_get_submenu (
        GTK_MENU_ITEM (gtk_ui_manager_get_widget (window->ui_manager, "/Menu/Message/Receive")));
  items = gtk_container_get_children (GTK_CONTAINER (menu));
  for (GList *each = items; each != NULL; each = each->next)
    if (g_signal_handler_find (each->data, G_SIGNAL_MATCH_DATA, 0, 0, NULL, NULL, account) != 0)
      {
        gtk_menu_item_activate (each->data);
        return g_strdup ("activated");
      }
  return g_strdup ("absent");
}

static char *
click (const char *name)
{
  const Toolbar *toolbar = mainwindow_get_mainwindow ()->toolbar;
  GtkWidget *button = g_str_equal (name, "all") ? toolbar->getall_btn : toolbar->get_btn;

  if (button == NULL)
    return g_strdup ("absent");
  g_signal_emit_by_name (button, "clicked");
  return g_strdup ("clicked");
}

static gboolean
on_password_wanted (gpointer source, gpointer user_data)
{
  ((PasswordRequest *)source)->password = g_strdup (user_data);
  return TRUE;
}

static char *
answer (const char *line)
{
  char *of_passwords = answer_passwords (line);

  if (of_passwords != NULL)
    return of_passwords;
  if (g_str_has_prefix (line, "protocol "))
    return tell_protocol (line + 9);
  if (g_str_has_prefix (line, "current "))
    return make_current (line + 8);
  if (g_str_has_prefix (line, "entry "))
    return enter (line + 6);
  if (g_str_has_prefix (line, "button "))
    return click (line + 7);
  if (g_str_has_prefix (line, "password "))
    hooks_register_hook (PASSWORD_GET_HOOKLIST, on_password_wanted, g_strdup (line + 9));
  if (g_str_has_prefix (line, "load "))
    return load (line + 5);
  if (g_str_has_prefix (line, "unload "))
    return unload (line + 7);
  if (g_str_has_prefix (line, "activate "))
    return activate (mainwindow_get_mainwindow ()->ui_manager, line + 9);
  if (g_str_has_prefix (line, "later "))
    return activate_later (mainwindow_get_mainwindow ()->ui_manager, line + 6);
  if (g_str_has_prefix (line, "compose "))
    return compose (line + 8);
  if (g_str_has_prefix (line, "to "))
    return add_recipient (line + 3);
  if (g_str_equal (line, "composing"))
    return g_strdup_printf ("%u", g_list_length ((GList *)compose_get_compose_list ()));
  if (g_str_has_prefix (line, "flags "))
    return tell_flags (line + 6);
  if (g_str_has_prefix (line, "delete "))
    return delete (line + 7);
  if (g_str_has_prefix (line, "account "))
    return tell_account (line + 8);
  if (g_str_equal (line, "gap"))
    return take_gap ();
  if (g_str_equal (line, "memory"))
    return tell_memory ();
  if (g_str_equal (line, "status"))
    return tell_status ();
  if (g_str_equal (line, "dialogs"))
    return count_dialogs ();
  if (g_str_equal (line, "lock"))
    inc_lock_real ();
  if (g_str_equal (line, "unlock"))
    inc_unlock_real ();
  return g_strdup (line);
}

static void
on_written (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GIOStream) connection = user_data;

  g_output_stream_write_all_finish (G_OUTPUT_STREAM (source), result, NULL, NULL);
  g_io_stream_close (connection, NULL, NULL);
}

static void
on_line (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (GIOStream) connection = user_data;
  g_autofree char *line
      = g_data_input_stream_read_line_finish (G_DATA_INPUT_STREAM (source), result, NULL, NULL);
  char *text;

  if (line == NULL)
    return;
  text = answer (line);
  g_object_set_data_full (G_OBJECT (connection), "answer", text, g_free);
  g_output_stream_write_all_async (g_io_stream_get_output_stream (connection), text, strlen (text),
                                   G_PRIORITY_DEFAULT, NULL, on_written, g_object_ref (connection));
}

static gboolean
on_incoming (GSocketService *self,
             GSocketConnection *connection,
             GObject *source,
             gpointer user_data)
{
  GDataInputStream *input
      = g_data_input_stream_new (g_io_stream_get_input_stream (G_IO_STREAM (connection)));

  g_filter_input_stream_set_close_base_stream (G_FILTER_INPUT_STREAM (input), FALSE);
  g_data_input_stream_read_line_async (input, G_PRIORITY_DEFAULT, NULL, on_line,
                                       g_object_ref (connection));
  g_object_unref (input);
  return TRUE;
}

int
plugin_init (char **error)
{
  g_autoptr (GSocketAddress) address = g_unix_socket_address_new (g_getenv ("POSTSEAL_PROBE"));
  g_autoptr (GError) local = NULL;

  service = g_socket_service_new ();
  if (!g_socket_listener_add_address (G_SOCKET_LISTENER (service), address, G_SOCKET_TYPE_STREAM,
                                      G_SOCKET_PROTOCOL_DEFAULT, NULL, NULL, &local))
    {
      *error = g_strdup (local->message);
      return -1;
    }
  g_signal_connect (service, "incoming", G_CALLBACK (on_incoming), NULL);
  g_socket_service_start (service);
  password_hook = hooks_register_hook (PASSWORD_GET_HOOKLIST, on_password_asked, NULL);
  last_tick = g_get_monotonic_time ();
  last_work = count_work ();
  ticker = g_timeout_add_full (G_PRIORITY_HIGH, TICK_MS, on_tick, NULL, NULL);
  return 0;
}

gboolean
plugin_done (void)
{
  hooks_unregister_hook (PASSWORD_GET_HOOKLIST, password_hook);
  g_clear_handle_id (&ticker, g_source_remove);
  g_socket_service_stop (service);
  g_clear_object (&service);
  return TRUE;
}

const char *
plugin_name (void)
{
  return "Probe";
}

const char *
plugin_desc (void)
{
  return "Lets a test look into the program.";
}

const char *
plugin_type (void)
{
  return "GTK3";
}

const char *
plugin_licence (void)
{
  return "GPL3+";
}

const char *
plugin_version (void)
{
  return "1";
}

struct PluginFeature *
plugin_provides (void)
{
  static struct PluginFeature features[]
      = { { PLUGIN_UTILITY, "Postseal probe" }, { PLUGIN_NOTHING, NULL } };

  return features;
}
