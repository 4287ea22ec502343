/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "support/fake-browser.h"

#include <gio/gio.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>

namespace postseal_test
{

void
FakeBrowser::open (const std::string &uri)
{
  const size_t question = uri.find ('?');
  ASSERT_NE (question, std::string::npos) << uri;
  g_autoptr (GHashTable) parameters
      = g_uri_parse_params (uri.c_str () + question + 1, -1, "&", G_URI_PARAMS_NONE, nullptr);
  GHashTableIter iter;
  gpointer name = nullptr, value = nullptr;

  asked.clear ();
  g_hash_table_iter_init (&iter, parameters);
  while (g_hash_table_iter_next (&iter, &name, &value))
    asked[static_cast<char *> (name)] = static_cast<char *> (value);
  g_autoptr (GUri) redirect
      = g_uri_parse (asked["redirect_uri"].c_str (), G_URI_FLAGS_NONE, nullptr);
  ASSERT_NE (redirect, nullptr) << uri;
  host = g_uri_get_host (redirect);
  port = (unsigned short)g_uri_get_port (redirect);
}

int
FakeBrowser::visit (const std::string &target) const
{
  g_autoptr (GSocketClient) client = g_socket_client_new ();
  g_socket_client_set_timeout (client, 20);
  g_autoptr (GSocketConnection) connection
      = g_socket_client_connect_to_host (client, "127.0.0.1", port, nullptr, nullptr);
  std::string request = "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
  char reply[4096] = "";

  if (connection == nullptr)
    return 0;
  g_output_stream_write_all (g_io_stream_get_output_stream (G_IO_STREAM (connection)),
                             request.data (), request.size (), nullptr, nullptr, nullptr);
  g_input_stream_read (g_io_stream_get_input_stream (G_IO_STREAM (connection)), reply,
                       sizeof reply - 1, nullptr, nullptr);
  return atoi (reply + std::min<size_t> (strlen (reply), 9));
}

} // namespace postseal_test
