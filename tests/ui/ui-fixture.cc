/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "ui/ui-fixture.h"

#include <libintl.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <fstream>
#include <sstream>

#include "auth/vault.h"
#include "support/main-loop.h"

extern "C" int _nl_msg_cat_cntr; /* glibc: another LANGUAGE is noticed when this changes */

namespace postseal_test
{

namespace
{

/* Ours are read at each use. */
const char *const variables[] = { "XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_DATA_HOME" };

std::string
strip_mnemonic (const char *label)
{
  std::string text;

  for (const char *c = label != nullptr ? label : ""; *c != '\0'; c++)
    if (*c != '_' || c[1] == '_')
      text += *c;
  return text;
}

/* What a widget is called by people, or "". */
std::string
get_text (GtkWidget *widget)
{
  if (GTK_IS_BUTTON (widget) && gtk_button_get_label (GTK_BUTTON (widget)) != nullptr)
    return strip_mnemonic (gtk_button_get_label (GTK_BUTTON (widget)));
  if (GTK_IS_CHECK_BUTTON (widget))
    return strip_mnemonic (gtk_check_button_get_label (GTK_CHECK_BUTTON (widget)));
  if (ADW_IS_PREFERENCES_ROW (widget))
    return strip_mnemonic (adw_preferences_row_get_title (ADW_PREFERENCES_ROW (widget)));
  if (GTK_IS_LABEL (widget))
    return gtk_label_get_text (GTK_LABEL (widget));
  return "";
}

/* The first widget, depth first, for which @matches holds. */
GtkWidget *
search (GtkWidget *root, const std::function<bool (GtkWidget *)> &matches)
{
  if (matches (root))
    return root;
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != nullptr;
       child = gtk_widget_get_next_sibling (child))
    if (GtkWidget *found = search (child, matches))
      return found;
  return nullptr;
}

void
collect (GtkWidget *root, std::string &lines)
{
  if (!gtk_widget_get_child_visible (root) || !gtk_widget_get_visible (root))
    return;
  if (GTK_IS_LABEL (root) && *gtk_label_get_text (GTK_LABEL (root)) != '\0')
    lines += std::string (gtk_label_get_text (GTK_LABEL (root))) + "\n";
  for (GtkWidget *child = gtk_widget_get_first_child (root); child != nullptr;
       child = gtk_widget_get_next_sibling (child))
    collect (child, lines);
}

/* --- how long the main loop is away --- */

/* Between two polls: what it worked, and what passed on the clock, which is more where it waits for
   something it should not wait for, or for a processor. */
double longest_work_ms = 0, longest_away_ms = 0;

double
get_ms (clockid_t clock)
{
  timespec now = {};

  clock_gettime (clock, &now);
  return double (now.tv_sec) * 1e3 + double (now.tv_nsec) / 1e6;
}

int
poll_and_measure (GPollFD *fds, guint n_fds, int timeout)
{
  static double work_since = 0, away_since = 0;
  int n_ready = 0;

  if (away_since > 0)
    {
      longest_work_ms = std::max (longest_work_ms, get_ms (CLOCK_THREAD_CPUTIME_ID) - work_since);
      longest_away_ms = std::max (longest_away_ms, get_ms (CLOCK_MONOTONIC) - away_since);
    }
  n_ready = g_poll (fds, n_fds, timeout);
  work_since = get_ms (CLOCK_THREAD_CPUTIME_ID);
  away_since = get_ms (CLOCK_MONOTONIC);
  return n_ready;
}

void
on_painted (GdkFrameClock *clock, gpointer user_data)
{
  *static_cast<bool *> (user_data) = true;
}

gboolean
on_tick (gpointer user_data)
{
  return G_SOURCE_CONTINUE;
}

/* What a library complains of is a mistake of ours. */
GLogWriterOutput
on_log (GLogLevelFlags level, const GLogField *fields, gsize n_fields, gpointer user_data)
{
  if ((level & (G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL)) != 0)
    {
      g_autofree char *line = g_log_writer_format_fields (level, fields, n_fields, FALSE);

      ADD_FAILURE () << line;
    }
  return g_log_writer_default (level, fields, n_fields, user_data);
}

void
speak (const std::string &language)
{
  g_setenv ("LANGUAGE", language.empty () ? "en" : language.c_str (), TRUE);
  _nl_msg_cat_cntr++;
}

void
begin_desktop ()
{
  static bool is_begun = false;

  if (is_begun)
    return;
  is_begun = true;
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, (std::string (getenv ("BUILDDIR")) + "/po").c_str ());
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);
  /* GLib asks only once whether the program is translated at all. */
  speak ("de");
  g_dgettext (GETTEXT_PACKAGE, "Mail Accounts");
  speak ("");
  /* Whatever this machine has: a network, as far as anybody asks. */
  g_setenv ("GIO_USE_NETWORK_MONITOR", "base", TRUE);
  /* A desktop that is not there is a failure, not a reason to leave tests out. */
  if (!gtk_init_check ())
    g_error ("No display: run this by tests/ui/with-desktop");
  adw_init ();
  if (getenv ("UI_STALLS") != nullptr)
    g_main_context_set_poll_func (nullptr, poll_and_measure);
  g_log_set_writer_func (on_log, nullptr, nullptr);
  gtk_icon_theme_add_resource_path (gtk_icon_theme_get_for_display (gdk_display_get_default ()),
                                    "/org/postseal/Settings/icons");
}

} // namespace

UiTest::UiTest ()
{
  begin_desktop ();
  longest_work_ms = longest_away_ms = 0;
  /* GLib asks for the home only once, so that all tests have the same one; each finds it empty. */
  home_ = g_get_home_dir ();
  for (const char *variable : variables)
    {
      const std::filesystem::path folder = home_ / (std::string (variable) + "-dir");

      std::filesystem::create_directories (folder);
      g_setenv (variable, folder.c_str (), TRUE);
    }
}

UiTest::~UiTest ()
{
  close ();
  if (getenv ("UI_STALLS") != nullptr)
    std::printf ("main loop: longest work %.1f ms, longest away %.1f ms\n", longest_work_ms,
                 longest_away_ms);
  /* What with-desktop has put there, and the keyring, is in .config, .local and .cache. */
  for (const auto &entry : std::filesystem::directory_iterator (home_))
    if (entry.path ().filename () != ".config" && entry.path ().filename () != ".local"
        && entry.path ().filename () != ".cache")
      std::filesystem::remove_all (entry.path ());
}

std::string
UiTest::path (const std::string &name) const
{
  return home_ / name;
}

std::string
UiTest::write (const std::string &name, const std::string &text)
{
  const std::filesystem::path file = home_ / name;

  std::filesystem::create_directories (file.parent_path ());
  std::ofstream (file) << text;
  std::filesystem::permissions (file, std::filesystem::perms::owner_read
                                          | std::filesystem::perms::owner_write);
  return file;
}

std::string
UiTest::read (const std::string &name) const
{
  std::ostringstream text;

  text << std::ifstream (home_ / name).rdbuf ();
  return text.str ();
}

std::string
UiTest::accounts_conf () const
{
  return read ("XDG_CONFIG_HOME-dir/postseal/accounts.conf");
}

/* --- the keyring --- */

std::string
UiTest::stored_secret (const std::string &account)
{
  g_autoptr (PostsealVault) vault = postseal_vault_new ("secret-service", nullptr);
  g_autoptr (PostsealCredential) secret = nullptr;
  AsyncLoop loop;

  postseal_vault_lookup_async (vault, account.c_str (), nullptr, AsyncLoop::on_ready, &loop);
  secret = postseal_vault_lookup_finish (vault, loop.wait (), nullptr);
  return secret != nullptr ? postseal_credential_get (secret) : "";
}

void
UiTest::store_secret (const std::string &account, const std::string &text)
{
  g_autoptr (PostsealVault) vault = postseal_vault_new ("secret-service", nullptr);
  g_autoptr (PostsealCredential) secret = postseal_credential_new (text.c_str (), -1);
  AsyncLoop loop;

  postseal_vault_store_async (vault, account.c_str (), secret, nullptr, AsyncLoop::on_ready, &loop);
  EXPECT_TRUE (postseal_vault_store_finish (vault, loop.wait (), nullptr));
}

void
UiTest::clear_secret (const std::string &account)
{
  g_autoptr (PostsealVault) vault = postseal_vault_new ("secret-service", nullptr);
  AsyncLoop loop;

  postseal_vault_clear_async (vault, account.c_str (), nullptr, AsyncLoop::on_ready, &loop);
  postseal_vault_clear_finish (vault, loop.wait (), nullptr);
}

/* --- the window --- */

void
UiTest::open ()
{
  session_ = postseal_session_new (nullptr);
  window_ = postseal_window_new (nullptr, session_);
  g_object_add_weak_pointer (G_OBJECT (window_), reinterpret_cast<gpointer *> (&window_));
  gtk_window_present (GTK_WINDOW (window_));
  wait ([this] {
    return gtk_widget_get_mapped (GTK_WIDGET (window_)) && postseal_session_is_ready (session_);
  });
  settle ();
}

void
UiTest::close ()
{
  if (session_ == nullptr)
    return;
  if (window_ != nullptr)
    {
      g_object_remove_weak_pointer (G_OBJECT (window_), reinterpret_cast<gpointer *> (&window_));
      gtk_window_destroy (GTK_WINDOW (g_steal_pointer (&window_)));
    }
  g_clear_object (&session_);
  settle ();
}

GtkWidget *
UiTest::page () const
{
  return postseal_window_get_page (window_);
}

GtkWindow *
UiTest::dialog () const
{
  GListModel *toplevels = gtk_window_get_toplevels ();
  GtkWindow *found = nullptr;

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWindow) top = GTK_WINDOW (g_list_model_get_item (toplevels, i));

      if (top != GTK_WINDOW (window_) && gtk_widget_get_visible (GTK_WIDGET (top)))
        found = top;
    }
  return found;
}

GtkWidget *
UiTest::find (const std::string &id, GtkWidget *root) const
{
  GtkWidget *found = search (root != nullptr ? root : page (), [&id] (GtkWidget *widget) {
    const char *own = gtk_buildable_get_buildable_id (GTK_BUILDABLE (widget));

    return own != nullptr && id == own;
  });

  EXPECT_NE (found, nullptr) << "there is no “" << id << "” on this page:\n" << text (root);
  return found;
}

GtkWidget *
UiTest::find_text (const std::string &wanted, GtkWidget *root) const
{
  GtkWidget *found = search (root != nullptr ? root : page (), [&wanted] (GtkWidget *widget) {
    return gtk_widget_get_mapped (widget) && get_text (widget) == wanted && !GTK_IS_LABEL (widget);
  });

  EXPECT_NE (found, nullptr) << "nothing says “" << wanted << "” on this page:\n" << text (root);
  return found;
}

bool
UiTest::is_shown (const std::string &id) const
{
  GtkWidget *widget = find (id);

  return widget != nullptr && gtk_widget_get_mapped (widget);
}

std::string
UiTest::text (GtkWidget *root) const
{
  std::string lines;

  collect (root != nullptr ? root : page (), lines);
  return lines;
}

void
UiTest::type (const std::string &id, const std::string &typed)
{
  GtkWidget *widget = find (id);

  ASSERT_TRUE (GTK_IS_EDITABLE (widget)) << id;
  gtk_widget_grab_focus (widget);
  gtk_editable_set_text (GTK_EDITABLE (widget), typed.c_str ());
  settle ();
}

void
UiTest::click (GtkWidget *widget)
{
  ASSERT_NE (widget, nullptr);
  ASSERT_TRUE (gtk_widget_get_mapped (widget)) << "hidden: " << get_text (widget);
  ASSERT_TRUE (gtk_widget_is_sensitive (widget)) << "insensitive: " << get_text (widget);
  clicks_++;
  if (GTK_IS_BUTTON (widget))
    g_signal_emit_by_name (widget, "clicked");
  else
    gtk_widget_activate (widget);
  settle ();
}

void
UiTest::click (const std::string &id)
{
  click (find (id));
}

void
UiTest::enter (const std::string &id)
{
  GtkWidget *widget = find (id);

  ASSERT_NE (widget, nullptr);
  if (ADW_IS_ENTRY_ROW (widget))
    g_signal_emit_by_name (gtk_editable_get_delegate (GTK_EDITABLE (widget)), "activate");
  else
    g_signal_emit_by_name (widget, "activate");
  settle ();
}

void
UiTest::settle ()
{
  while (g_main_context_iteration (nullptr, FALSE))
    ;
}

bool
UiTest::wait (const std::function<bool ()> &condition, unsigned limit_ms)
{
  const gint64 end = g_get_monotonic_time () + gint64{ limit_ms } * 1000;
  const guint ticker = g_timeout_add (20, on_tick, nullptr);
  bool is_met = condition ();

  while (!is_met && g_get_monotonic_time () < end)
    {
      g_main_context_iteration (nullptr, TRUE);
      is_met = condition ();
    }
  g_source_remove (ticker);
  EXPECT_TRUE (is_met) << "waited " << limit_ms << " ms; the page says:\n" << text ();
  return is_met;
}

bool
UiTest::wait_for_text (const std::string &wanted, unsigned limit_ms)
{
  return wait ([this, &wanted] { return text ().find (wanted) != std::string::npos; }, limit_ms);
}

/* --- pictures --- */

void
UiTest::draw (GtkWidget *widget)
{
  GdkFrameClock *clock = gtk_widget_get_frame_clock (widget);
  bool is_painted = false;
  const gulong handler
      = g_signal_connect (clock, "after-paint", G_CALLBACK (on_painted), &is_painted);

  gtk_widget_queue_draw (widget);
  wait ([&is_painted] { return is_painted; });
  g_signal_handler_disconnect (clock, handler);
}

GdkTexture *
UiTest::render ()
{
  GtkWidget *widget = dialog () != nullptr ? GTK_WIDGET (dialog ()) : GTK_WIDGET (window_);
  const int width = gtk_widget_get_width (widget), height = gtk_widget_get_height (widget);
  g_autoptr (GdkPaintable) paintable = nullptr;
  g_autoptr (GskRenderNode) node = nullptr;
  GtkSnapshot *snapshot = gtk_snapshot_new ();
  graphene_rect_t bounds;

  settle ();
  draw (widget);
  paintable = gtk_widget_paintable_new (widget);
  gdk_paintable_snapshot (paintable, snapshot, width, height);
  node = gtk_snapshot_free_to_node (snapshot);
  if (node == nullptr)
    return nullptr;
  graphene_rect_init (&bounds, 0, 0, float (width), float (height));
  return gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (widget)), node, &bounds);
}

void
UiTest::save (GdkTexture *picture, const std::string &name)
{
  const std::filesystem::path folder = std::filesystem::path (getenv ("SRCDIR")) / "ui" / "out";
  g_autoptr (GdkPixbuf) pixbuf = gdk_pixbuf_get_from_texture (picture);

  std::filesystem::create_directories (folder);
  /* Hundreds of them are written: rather soon than small. */
  EXPECT_TRUE (gdk_pixbuf_save (pixbuf, (folder / (name + ".png")).c_str (), "png", nullptr,
                                "compression", "1", nullptr));
}

void
UiTest::shoot (const std::string &name)
{
  g_autoptr (GdkTexture) picture = render ();

  ASSERT_NE (picture, nullptr) << name;
  save (picture, name);
}

void
UiTest::set_dark (bool is_dark)
{
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      is_dark ? ADW_COLOR_SCHEME_FORCE_DARK
                                              : ADW_COLOR_SCHEME_FORCE_LIGHT);
}

void
UiTest::set_language (const std::string &language)
{
  speak (language);
}

void
UiTest::set_right_to_left (bool is_rtl)
{
  gtk_widget_set_default_direction (is_rtl ? GTK_TEXT_DIR_RTL : GTK_TEXT_DIR_LTR);
}

} // namespace postseal_test
