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
   activate PATH       of a menu item: "activated", or "absent" */

#include <gio/gio.h>
#include <gio/gunixsocketaddress.h>
#include <gtk/gtk.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <common/plugin.h>
#include <inc.h>
#include <mainwindow.h>

#define TICK_MS 5

static GSocketService *service; /* owned */
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

static char *
activate (const char *path)
{
  GtkAction *action = gtk_ui_manager_get_action (mainwindow_get_mainwindow ()->ui_manager, path);

  if (action == NULL)
    return g_strdup ("absent");
  gtk_action_activate (action);
  return g_strdup ("activated");
}

static char *
answer (const char *line)
{
  if (g_str_has_prefix (line, "load "))
    return load (line + 5);
  if (g_str_has_prefix (line, "unload "))
    return unload (line + 7);
  if (g_str_has_prefix (line, "activate "))
    return activate (line + 9);
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
  last_tick = g_get_monotonic_time ();
  last_work = count_work ();
  ticker = g_timeout_add_full (G_PRIORITY_HIGH, TICK_MS, on_tick, NULL, NULL);
  return 0;
}

gboolean
plugin_done (void)
{
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
