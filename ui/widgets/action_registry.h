// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QAction>
#include <QHash>
#include <QKeySequence>
#include <QObject>

#include <functional>

class QWidget;

namespace keelson::ui {

/// Every command of the window, declared once: menus, palette, tool tips, cheat sheet and shortcuts read it here.
class ActionRegistry : public QObject {
    Q_OBJECT
public:
    struct Command {
        QString id; ///< "row.delete": what is before the dot is the scope.
        QString text;
        QString group; ///< The heading in the cheat sheet.
        QString icon;
        QList<QKeySequence> keys;
    };

    explicit ActionRegistry(QWidget* window);

    /// Adds a command that works in the whole window. Keys that another command holds in the same scope or in the
    /// window are not given away: see `refusedKeys`.
    QAction* add(const Command& command, std::function<void()> run);
    /// Adds a command that works only while `scope` or a child of it has the focus.
    QAction* add(const Command& command, QWidget* scope, std::function<void()> run);

    QAction* find(const QString& id) const { return m_actions.value(id); }
    QList<QAction*> all() const { return m_order; }
    QString group(const QAction* action) const { return m_groups.value(action); }
    QString iconName(const QAction* action) const { return m_icons.value(action); }
    /// "row.delete: Ctrl+D is dock.close's", one for each conflict.
    QStringList refusedKeys() const { return m_refused; }

private:
    QAction* make(const Command& command, const QString& scope, std::function<void()> run);

    QWidget* m_window;
    QHash<QString, QAction*> m_actions;
    QList<QAction*> m_order;
    QHash<const QAction*, QString> m_groups;
    QHash<const QAction*, QString> m_icons;
    QHash<QString, QString> m_keys; ///< "scope/key" to command.
    QStringList m_refused;
};

} // namespace keelson::ui
