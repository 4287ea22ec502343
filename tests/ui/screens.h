/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <string>

#include "setup/trouble.h"
#include "ui/add-fixture.h"

namespace postseal_test
{

/* Pictures of the dialog as people with other eyes, languages and screens have it. */
class Screens : public AddTest, public ::testing::WithParamInterface<const char *>
{
protected:
  Screens ();
  ~Screens () override;

  bool
  is_german () const
  {
    return *GetParam () != '\0';
  }

  /* What is shown now in every look: light, dark, and the others that are hard on its language.
     In each, nothing is cut off or wider than the window. @title: in German; it is on the page. */
  void picture (const std::string &name, const std::string &title);

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
  void picture_in (const std::string &name, const std::string &look);
  void check_layout (const std::string &name);
  void resize (int width, int height);
  void look_at (const std::string &name, int height);
};

} // namespace postseal_test
