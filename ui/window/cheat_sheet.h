// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "widgets/key_help.h"

#include <QDialog>

namespace keelson::ui {

class ActionRegistry;

/// All keys, by group: as the registry has them, then those that widgets take themselves.
class CheatSheet : public QDialog {
    Q_OBJECT
public:
    CheatSheet(const ActionRegistry& registry, const QList<KeyGroup>& more, QWidget* parent);
};

} // namespace keelson::ui
