// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/cheat_sheet.h"

#include "widgets/action_registry.h"
#include "widgets/theme.h"

#include <QGridLayout>
#include <QLabel>

namespace keelson::ui {

CheatSheet::CheatSheet(const ActionRegistry& registry, QWidget* parent) : QDialog(parent)
{
    setWindowTitle(tr("Keys"));
    auto* columns = new QHBoxLayout(this);
    columns->setContentsMargins(26, 22, 26, 22);
    columns->setSpacing(40);
    QStringList groups;
    for (const auto* action : registry.all())
        if (!groups.contains(registry.group(action)))
            groups << registry.group(action);
    for (const auto& group : groups) {
        auto* grid = new QGridLayout;
        grid->setHorizontalSpacing(22);
        grid->setVerticalSpacing(7);
        auto* title = new QLabel(group, this);
        auto font = title->font();
        font.setBold(true);
        title->setFont(font);
        grid->addWidget(title, 0, 0, 1, 2);
        int row = 1;
        for (const auto* action : registry.all()) {
            if (registry.group(action) != group || action->shortcuts().isEmpty())
                continue;
            auto* keys = new QLabel(QKeySequence::listToString(action->shortcuts(), QKeySequence::NativeText), this);
            keys->setFont(Theme::monospace());
            keys->setForegroundRole(QPalette::PlaceholderText);
            grid->addWidget(new QLabel(action->text(), this), row, 0);
            grid->addWidget(keys, row, 1);
            ++row;
        }
        grid->setRowStretch(row, 1);
        columns->addLayout(grid);
    }
}

} // namespace keelson::ui
