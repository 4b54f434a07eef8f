// SPDX-License-Identifier: GPL-3.0-or-later
#include "widgets/action_registry.h"

#include "widgets/icons.h"

#include <QWidget>

namespace keelson::ui {

ActionRegistry::ActionRegistry(QWidget* window) : QObject(window), m_window(window) {}

QAction* ActionRegistry::add(const Command& command, std::function<void()> run)
{
    auto* action = make(command, QStringLiteral("window"), std::move(run));
    action->setShortcutContext(Qt::WindowShortcut);
    m_window->addAction(action);
    return action;
}

QAction* ActionRegistry::add(const Command& command, QWidget* scope, std::function<void()> run)
{
    auto* action = make(command, command.id.section(QLatin1Char('.'), 0, 0), std::move(run));
    action->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    scope->addAction(action);
    return action;
}

QAction* ActionRegistry::make(const Command& command, const QString& scope, std::function<void()> run)
{
    auto* action = new QAction(command.text, this);
    action->setObjectName(command.id);
    if (!command.icon.isEmpty())
        action->setIcon(icon(command.icon));
    QList<QKeySequence> granted;
    for (const auto& key : command.keys) {
        const auto text = key.toString(QKeySequence::PortableText);
        auto holder = m_keys.value(QStringLiteral("window/") + text);
        if (holder.isEmpty())
            holder = m_keys.value(scope + QLatin1Char('/') + text);
        if (holder.isEmpty()) {
            m_keys.insert(scope + QLatin1Char('/') + text, command.id);
            granted << key;
        } else {
            m_refused << QStringLiteral("%1: %2 is %3's").arg(command.id, text, holder);
        }
    }
    action->setShortcuts(granted);
    action->setToolTip(granted.isEmpty() ? command.text
                                         : QStringLiteral("%1 (%2)").arg(
                                               command.text, granted.first().toString(QKeySequence::NativeText)));
    connect(action, &QAction::triggered, this, [run = std::move(run)] { run(); });
    m_actions.insert(command.id, action);
    m_order << action;
    m_groups.insert(action, command.group);
    m_icons.insert(action, command.icon);
    return action;
}

} // namespace keelson::ui
