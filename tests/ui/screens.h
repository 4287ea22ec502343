/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <memory>
#include <string>

#include "setup/trouble.h"
#include "ui/add-fixture.h"
#include "ui/catalogue.h"

namespace postseal_test
{

/* Pictures of the dialog as people with other eyes, languages and screens have it. */
class Screens : public AddTest, public ::testing::WithParamInterface<const char *>
{
protected:
  /* Whether a state is a form that is longer than the window. */
  enum class Length
  {
    Fits,
    Scrolls,
  };

  Screens ();
  ~Screens () override;

  /* What is shown now, in every look: light, dark, and the others that are hard on its language. In
     each, nothing is cut off, wider than the window, or left untranslated; and what can be operated
     has a name, and is reached by Tab. */
  void picture (const std::string &name, Length length = Length::Fits);

  /* What stands over the window, once @action (nullable) was done; it is dismissed. */
  void picture_dialog (const std::string &name, const char *action);

  /* The page of an account of the file. */
  void open_account (const std::string &name);
  /* One of a server mail.example.org of Jane, as postseal_trouble_new() words it. */
  static PostsealTrouble *make_trouble (GQuark domain,
                                        int code,
                                        const std::string &message,
                                        const std::map<std::string, std::string> &facts = {});

private:
  std::string language () const;
  GtkWidget *top () const;
  void resize (int width, int height);
  void look_at (const std::string &name, const std::string &look, Length length);
  void look_at_contrast (const std::string &name, Length length);
  void look_at_mirrored (const std::string &name, Length length);
  void check_layout (const std::string &name, Length length);
  void check_words (const std::string &name);
  void check_reach (const std::string &name);

  std::unique_ptr<Catalogue> catalogue_;
};

} // namespace postseal_test
