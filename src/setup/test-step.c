/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "setup/test-step-private.h"

struct _PostsealTestStep
{
  GObject parent_instance;

  PostsealTestKind kind;
  gboolean is_sending;
  PostsealTestState state;
  char *title; /* owned */
  char *detail; /* owned, "" when there is nothing to say */
  gint64 began_us; /* monotonic; 0: not yet */
  double seconds;
};

G_DEFINE_FINAL_TYPE (PostsealTestStep, postseal_test_step, G_TYPE_OBJECT)

enum
{
  PROP_0,
  PROP_KIND,
  PROP_SENDING,
  PROP_STATE,
  PROP_TITLE,
  PROP_DETAIL,
  PROP_SECONDS,
  N_PROPERTIES,
};

static GParamSpec *properties[N_PROPERTIES];

PostsealTestStep *
_postseal_test_step_new (PostsealTestKind kind, gboolean sending, char *title)
{
  PostsealTestStep *self = g_object_new (POSTSEAL_TYPE_TEST_STEP, NULL);

  self->kind = kind;
  self->is_sending = sending;
  self->title = title;
  return self;
}

static void
set_state (PostsealTestStep *self, PostsealTestState state)
{
  g_assert (state > self->state);

  self->state = state;
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_STATE]);
}

void
_postseal_test_step_begin (PostsealTestStep *self)
{
  self->began_us = g_get_monotonic_time ();
  set_state (self, POSTSEAL_TEST_RUNNING);
}

void
_postseal_test_step_tell (PostsealTestStep *self, const char *detail)
{
  if (g_str_equal (self->detail, detail))
    return;
  g_free (self->detail);
  self->detail = g_strdup (detail);
  g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_DETAIL]);
}

void
_postseal_test_step_end (PostsealTestStep *self, PostsealTestState state, const char *detail)
{
  if (detail != NULL)
    _postseal_test_step_tell (self, detail);
  if (self->began_us != 0)
    {
      self->seconds = (double)(g_get_monotonic_time () - self->began_us) / G_USEC_PER_SEC;
      g_object_notify_by_pspec (G_OBJECT (self), properties[PROP_SECONDS]);
    }
  set_state (self, state);
}

gboolean
_postseal_test_step_is_over (PostsealTestStep *self)
{
  return self->state > POSTSEAL_TEST_RUNNING;
}

/* --- for everybody --- */

PostsealTestKind
postseal_test_step_get_kind (PostsealTestStep *self)
{
  g_return_val_if_fail (POSTSEAL_IS_TEST_STEP (self), POSTSEAL_TEST_RESOLVE);
  return self->kind;
}

gboolean
postseal_test_step_is_sending (PostsealTestStep *self)
{
  g_return_val_if_fail (POSTSEAL_IS_TEST_STEP (self), FALSE);
  return self->is_sending;
}

PostsealTestState
postseal_test_step_get_state (PostsealTestStep *self)
{
  g_return_val_if_fail (POSTSEAL_IS_TEST_STEP (self), POSTSEAL_TEST_WAITING);
  return self->state;
}

const char *
postseal_test_step_get_title (PostsealTestStep *self)
{
  g_return_val_if_fail (POSTSEAL_IS_TEST_STEP (self), NULL);
  return self->title;
}

const char *
postseal_test_step_get_detail (PostsealTestStep *self)
{
  g_return_val_if_fail (POSTSEAL_IS_TEST_STEP (self), NULL);
  return self->detail;
}

double
postseal_test_step_get_seconds (PostsealTestStep *self)
{
  g_return_val_if_fail (POSTSEAL_IS_TEST_STEP (self), 0);
  return self->seconds;
}

/* --- GObject --- */

static void
postseal_test_step_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  PostsealTestStep *self = POSTSEAL_TEST_STEP (object);

  switch (id)
    {
    case PROP_KIND:
      g_value_set_int (value, (int)self->kind);
      break;
    case PROP_SENDING:
      g_value_set_boolean (value, self->is_sending);
      break;
    case PROP_STATE:
      g_value_set_int (value, (int)self->state);
      break;
    case PROP_TITLE:
      g_value_set_string (value, self->title);
      break;
    case PROP_DETAIL:
      g_value_set_string (value, self->detail);
      break;
    case PROP_SECONDS:
      g_value_set_double (value, self->seconds);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
postseal_test_step_finalize (GObject *object)
{
  PostsealTestStep *self = POSTSEAL_TEST_STEP (object);

  g_free (self->title);
  g_free (self->detail);
  G_OBJECT_CLASS (postseal_test_step_parent_class)->finalize (object);
}

static void
postseal_test_step_init (PostsealTestStep *self)
{
  self->detail = g_strdup ("");
}

static void
postseal_test_step_class_init (PostsealTestStepClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GParamFlags flags = G_PARAM_READABLE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS;

  object_class->get_property = postseal_test_step_get_property;
  object_class->finalize = postseal_test_step_finalize;
  properties[PROP_KIND]
      = g_param_spec_int ("kind", NULL, NULL, 0, POSTSEAL_TEST_ENVELOPE, 0, flags);
  properties[PROP_SENDING] = g_param_spec_boolean ("sending", NULL, NULL, FALSE, flags);
  properties[PROP_STATE]
      = g_param_spec_int ("state", NULL, NULL, 0, POSTSEAL_TEST_SKIPPED, 0, flags);
  properties[PROP_TITLE] = g_param_spec_string ("title", NULL, NULL, "", flags);
  properties[PROP_DETAIL] = g_param_spec_string ("detail", NULL, NULL, "", flags);
  properties[PROP_SECONDS] = g_param_spec_double ("seconds", NULL, NULL, 0, G_MAXDOUBLE, 0, flags);
  g_object_class_install_properties (object_class, N_PROPERTIES, properties);
}
