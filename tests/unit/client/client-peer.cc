/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* A daemon in a process of its own, for the bus to start and for tests to kill: one account, each
   request but a flush is answered at once. */
#include "client/bus-front.h"
#include "client/client.h"
#include "test-service.h"

int
main ()
{
  g_autoptr (GError) error = nullptr;
  g_autoptr (GDBusConnection) bus = g_bus_get_sync (G_BUS_TYPE_SESSION, nullptr, &error);
  g_autoptr (TestService) service = test_service_new ();
  g_autoptr (GMainLoop) loop = g_main_loop_new (nullptr, FALSE);
  std::deque<TestRequest> kept;

  if (bus == nullptr)
    g_error ("%s", error->message);
  test_service_add (service, "work");
  test_service_set_handler (service, [&kept] (TestRequest &request) {
    if (request.kind == POSTSEAL_SERVICE_QUEUE_FLUSH)
      {
        kept.push_back (request);
        request = { request.kind, nullptr, nullptr, nullptr };
      }
    else
      request.answer ("{'id': <'peer'>}");
  });
  g_autoptr (PostsealBusFront) front
      = postseal_bus_front_new (bus, POSTSEAL_SERVICE (service), &error);
  if (front == nullptr)
    g_error ("%s", error->message);
  g_bus_own_name_on_connection (bus, POSTSEAL_CLIENT_BUS_NAME, G_BUS_NAME_OWNER_FLAGS_NONE, nullptr,
                                nullptr, nullptr, nullptr);
  g_main_loop_run (loop);
  return 0;
}
