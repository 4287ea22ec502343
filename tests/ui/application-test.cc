/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "settings/application.h"
#include "ui/ui-fixture.h"

namespace postseal_test
{

/* The program without a main loop of its own. */
class ApplicationTest : public UiTest
{
protected:
  ApplicationTest () : application (postseal_application_new ())
  {
    g_application_set_flags (
        G_APPLICATION (application),
        GApplicationFlags (G_APPLICATION_HANDLES_COMMAND_LINE | G_APPLICATION_NON_UNIQUE));
    g_autoptr (GError) error = nullptr;

    EXPECT_TRUE (g_application_register (G_APPLICATION (application), nullptr, &error))
        << error->message;
  }

  ~ApplicationTest () override
  {
    while (GList *windows = gtk_application_get_windows (GTK_APPLICATION (application)))
      gtk_window_destroy (GTK_WINDOW (windows->data));
    settle ();
    g_object_unref (application);
  }

  /* "postseal-settings --config @config", called in @folder. */
  void
  call (const std::string &folder, const std::string &config)
  {
    GVariantDict options = {}, platform = {};
    int status = -1;

    g_variant_dict_init (&options, nullptr);
    g_variant_dict_insert (&options, "config", "^ay", config.c_str ());
    g_variant_dict_init (&platform, nullptr);
    g_variant_dict_insert (&platform, "cwd", "^ay", folder.c_str ());
    g_autoptr (GApplicationCommandLine) line = G_APPLICATION_COMMAND_LINE (
        g_object_new (G_TYPE_APPLICATION_COMMAND_LINE, "options", g_variant_dict_end (&options),
                      "platform-data", g_variant_dict_end (&platform), nullptr));
    g_signal_emit_by_name (application, "command-line", line, &status);
    EXPECT_EQ (status, 0);
    settle ();
  }

  unsigned
  windows ()
  {
    return g_list_length (gtk_application_get_windows (GTK_APPLICATION (application)));
  }

  /* Of the window that was opened last. */
  std::string
  config ()
  {
    GList *all = gtk_application_get_windows (GTK_APPLICATION (application));

    return postseal_session_get_config (postseal_window_get_session (POSTSEAL_WINDOW (all->data)));
  }

  PostsealApplication *application;
};

/* One test: the bus takes no second application of this process. */
TEST_F (ApplicationTest, HasOneWindowForEachFileWhichIsFoundFromTheFolderOfTheCaller)
{
  call (path ("there"), "a.conf");
  EXPECT_EQ (config (), path ("there/a.conf"));
  call (path ("there"), "b.conf");
  EXPECT_EQ (windows (), 2u);
  EXPECT_EQ (config (), path ("there/b.conf"));

  call (path ("there"), path ("there/a.conf"));
  EXPECT_EQ (windows (), 2u);
}

} // namespace postseal_test
