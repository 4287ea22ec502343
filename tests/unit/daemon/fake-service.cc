/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "fake-service.h"

struct FakeService
{
  GObject parent_instance;
  GListStore *accounts;
  char **problems;
};

struct FakeServiceClass
{
  GObjectClass parent_class;
};

enum
{
  PROP_ONLINE = 1,
  PROP_METERED,
  PROP_PROBLEMS,
  PROP_UNATTENDED,
};

static GListModel *
get_accounts (PostsealService *service)
{
  return G_LIST_MODEL (reinterpret_cast<FakeService *> (service)->accounts);
}

static void
fake_service_iface_init (gpointer iface, gpointer)
{
  static_cast<PostsealServiceInterface *> (iface)->get_accounts = get_accounts;
}

static GType fake_service_get_type (void);
G_DEFINE_TYPE_WITH_CODE (FakeService,
                         fake_service,
                         G_TYPE_OBJECT,
                         G_IMPLEMENT_INTERFACE (POSTSEAL_TYPE_SERVICE, fake_service_iface_init))

static void
get_property (GObject *object, guint property, GValue *value, GParamSpec *)
{
  auto *self = reinterpret_cast<FakeService *> (object);

  if (property == PROP_PROBLEMS)
    g_value_set_boxed (value, self->problems);
  else
    g_value_set_boolean (value, property != PROP_METERED);
}

static void
finalize (GObject *object)
{
  auto *self = reinterpret_cast<FakeService *> (object);

  g_object_unref (self->accounts);
  g_strfreev (self->problems);
  G_OBJECT_CLASS (fake_service_parent_class)->finalize (object);
}

static void
fake_service_class_init (FakeServiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);

  object_class->get_property = get_property;
  object_class->finalize = finalize;
  g_object_class_override_property (object_class, PROP_ONLINE, "online");
  g_object_class_override_property (object_class, PROP_METERED, "metered");
  g_object_class_override_property (object_class, PROP_PROBLEMS, "problems");
  g_object_class_override_property (object_class, PROP_UNATTENDED, "unattended");
}

static void
fake_service_init (FakeService *self)
{
  self->accounts = g_list_store_new (POSTSEAL_TYPE_ACCOUNT_STATUS);
  self->problems = g_new0 (char *, 1);
}

PostsealService *
fake_service_new (void)
{
  return POSTSEAL_SERVICE (g_object_new (fake_service_get_type (), nullptr));
}

PostsealAccountStatus *
fake_service_add (PostsealService *self, const char *name)
{
  PostsealAccountStatus *status = postseal_account_status_new (name);

  g_list_store_append (reinterpret_cast<FakeService *> (self)->accounts, status);
  g_object_unref (status);
  return status;
}

void
fake_service_remove (PostsealService *self, unsigned position)
{
  g_list_store_remove (reinterpret_cast<FakeService *> (self)->accounts, position);
}

void
fake_service_set_problems (PostsealService *self, const char *const *problems)
{
  auto *fake = reinterpret_cast<FakeService *> (self);

  g_strfreev (fake->problems);
  fake->problems = g_strdupv (const_cast<char **> (problems));
  g_object_notify (G_OBJECT (self), "problems");
}
