/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "scenario/fake-daemon.h"

#include <gio/gunixfdlist.h>
#include <gtest/gtest.h>

#include <condition_variable>
#include <filesystem>
#include <mutex>
#include <unistd.h>

#include "base/lock-file.h"
#include "client/bus-front.h"
#include "client/client.h"
#include "outbox/wake.h"

/* --- the service --- */

namespace
{

/* What tests and the daemon's thread share. */
struct Record
{
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<std::string> requests;
  std::string answer = "{}";
  std::vector<GTask *> waiting; /* owned: never answered */
};

const char *
name_request (PostsealServiceRequest request)
{
  static const char *const names[]
      = { "fetch", "check", "list", "change", "flush", "submit", "reload", "retry", "forget" };

  return names[request];
}

} // namespace

#define FAKE_TYPE_SERVICE (fake_service_get_type ())
G_DECLARE_FINAL_TYPE (FakeService, fake_service, FAKE, SERVICE, GObject)

struct _FakeService
{
  GObject parent;

  GListStore *accounts; /* owned */
  Record *record; /* owned */
};

static GListModel *
fake_service_get_accounts (PostsealService *service)
{
  return G_LIST_MODEL (FAKE_SERVICE (service)->accounts);
}

static void
say_hello (GVariant *arguments, GUnixFDList *descriptors)
{
  gint32 index;

  if (!g_variant_lookup (arguments, "transcript", "h", &index))
    return;
  int fd = g_unix_fd_list_get (descriptors, index, nullptr);
  EXPECT_EQ (write (fd, "> HELLO\n", 8), 8);
  close (fd);
}

static void
fake_service_request_async (PostsealService *service,
                            PostsealServiceRequest request,
                            GVariant *arguments,
                            GUnixFDList *descriptors,
                            GCancellable *cancellable,
                            GAsyncReadyCallback callback,
                            gpointer user_data)
{
  Record *record = FAKE_SERVICE (service)->record;
  g_autoptr (GTask) task = g_task_new (service, cancellable, callback, user_data);
  const char *account = "";
  std::string answer;

  g_variant_lookup (arguments, "account", "&s", &account);
  {
    std::lock_guard guard (record->mutex);
    record->requests.push_back (std::string (name_request (request)) + " " + account);
    answer = request == POSTSEAL_SERVICE_RELOAD ? "{}" : record->answer;
  }
  record->changed.notify_all ();
  say_hello (arguments, descriptors);
  if (answer.empty ())
    {
      record->waiting.push_back (g_steal_pointer (&task));
      return;
    }
  std::string text = "@a{sv} " + answer;
  g_task_return_pointer (task, g_variant_ref_sink (g_variant_new_parsed (text.c_str ())),
                         (GDestroyNotify)g_variant_unref);
}

static GVariant *
fake_service_request_finish (PostsealService *service, GAsyncResult *result, GError **error)
{
  return (GVariant *)g_task_propagate_pointer (G_TASK (result), error);
}

static void
fake_service_service_init (PostsealServiceInterface *iface)
{
  iface->get_accounts = fake_service_get_accounts;
  iface->request_async = fake_service_request_async;
  iface->request_finish = fake_service_request_finish;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (FakeService,
                               fake_service,
                               G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_SERVICE,
                                                      fake_service_service_init))

static void
fake_service_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  const char *const none[] = { nullptr };

  if (G_IS_PARAM_SPEC_BOOLEAN (pspec))
    g_value_set_boolean (value, g_str_equal (pspec->name, "metered") ? FALSE : TRUE);
  else
    g_value_set_boxed (value, none);
}

static void
fake_service_finalize (GObject *object)
{
  Record *record = FAKE_SERVICE (object)->record;

  g_object_unref (FAKE_SERVICE (object)->accounts);
  delete record;
  G_OBJECT_CLASS (fake_service_parent_class)->finalize (object);
}

static void
fake_service_class_init (FakeServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  guint id = 0;

  object_class->get_property = fake_service_get_property;
  object_class->finalize = fake_service_finalize;
  for (const char *name : { "online", "metered", "unattended", "problems" })
    g_object_class_override_property (object_class, ++id, name);
}

static void
fake_service_init (FakeService *self)
{
  self->accounts = g_list_store_new (POSTSEAL_TYPE_ACCOUNT_STATUS);
  self->record = new Record;
}

/* --- the daemon --- */

namespace postseal_test
{

/* What it has while it is there. */
struct FakeDaemon::Presence
{
  GDBusConnection *connection;
  PostsealBusFront *front;
  PostsealLockFile *lock;
};

FakeDaemon::FakeDaemon (const Sandbox &sandbox)
    : lock_path_ (sandbox.home () + "/state/postseal/daemon.lock"),
      context_ (g_main_context_new ()), loop_ (g_main_loop_new (context_, FALSE)),
      service_ (POSTSEAL_SERVICE (g_object_new (FAKE_TYPE_SERVICE, nullptr)))
{
  std::filesystem::create_directories (sandbox.home () + "/state/postseal");
  thread_ = std::thread ([this] {
    g_main_context_push_thread_default (context_);
    g_main_loop_run (loop_);
    g_main_context_pop_thread_default (context_);
  });
  start ();
}

FakeDaemon::~FakeDaemon ()
{
  if (presence_)
    stop ();
  call ([this] {
    for (GTask *task : FAKE_SERVICE (service_)->record->waiting)
      {
        g_task_return_new_error (task, G_IO_ERROR, G_IO_ERROR_CANCELLED, "never");
        g_object_unref (task);
      }
  });
  call ([this] { g_main_loop_quit (loop_); });
  thread_.join ();
  g_object_unref (service_);
  g_main_loop_unref (loop_);
  g_main_context_unref (context_);
}

void
FakeDaemon::call (const std::function<void ()> &action)
{
  struct Call
  {
    const std::function<void ()> &action;
    std::promise<void> done;
  } call = { action, {} };

  g_main_context_invoke (
      context_,
      [] (gpointer data) -> gboolean {
        auto *self = (Call *)data;

        self->action ();
        self->done.set_value ();
        return G_SOURCE_REMOVE;
      },
      &call);
  call.done.get_future ().wait ();
}

void
FakeDaemon::start ()
{
  call ([this] {
    g_autoptr (GError) error = nullptr;

    presence_ = std::make_unique<Presence> ();
    presence_->connection = bus_.connect ();
    presence_->front = postseal_bus_front_new (presence_->connection, service_, &error);
    ASSERT_NE (presence_->front, nullptr) << error->message;
    PrivateBus::own_name (presence_->connection, POSTSEAL_CLIENT_BUS_NAME);
    presence_->lock
        = postseal_lock_file_acquire (lock_path_.c_str (), POSTSEAL_WAKE_DAEMON, &error);
    ASSERT_NE (presence_->lock, nullptr) << error->message;
  });
}

void
FakeDaemon::stop ()
{
  call ([this] {
    postseal_lock_file_release (presence_->lock);
    postseal_bus_front_free (presence_->front);
    PrivateBus::disown_name (presence_->connection, POSTSEAL_CLIENT_BUS_NAME);
    presence_.reset ();
  });
}

void
FakeDaemon::set (const char *account, const std::function<void (PostsealAccountStatus *)> &change)
{
  call ([&] {
    PostsealAccountStatus *status = postseal_service_find_account (service_, account);

    if (status != nullptr)
      {
        change (status);
        return;
      }
    g_autoptr (PostsealAccountStatus) made = postseal_account_status_new (account);
    change (made);
    g_list_store_append (FAKE_SERVICE (service_)->accounts, made);
  });
}

std::vector<std::string>
FakeDaemon::requests ()
{
  Record *record = FAKE_SERVICE (service_)->record;
  std::lock_guard guard (record->mutex);

  return record->requests;
}

void
FakeDaemon::set_answer (const std::string &dictionary)
{
  Record *record = FAKE_SERVICE (service_)->record;
  std::lock_guard guard (record->mutex);

  record->answer = dictionary;
}

bool
FakeDaemon::wait_for_requests (size_t count)
{
  Record *record = FAKE_SERVICE (service_)->record;
  std::unique_lock guard (record->mutex);

  return record->changed.wait_for (guard, std::chrono::seconds (20),
                                   [&] { return record->requests.size () >= count; });
}

} // namespace postseal_test
