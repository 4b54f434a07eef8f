// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QDialog>

namespace keelson::ui {

class ActionRegistry;

/// All keys, by group, as the registry has them.
class CheatSheet : public QDialog {
    Q_OBJECT
public:
    CheatSheet(const ActionRegistry& registry, QWidget* parent);
};

} // namespace keelson::ui
