// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include <QObject>
#include <QPointer>

class QPoint;

namespace keelson::ui {

class ActionRegistry;
class ClusterView;
class CommandPalette;
class Designer;
class ManifestsPage;
class Workbench;

/// Declares every command of the window once, and gives them to menus, palette and cheat sheet.
class WindowActions : public QObject {
    Q_OBJECT
public:
    explicit WindowActions(Workbench& window);

    ActionRegistry& registry() { return *m_registry; }
    void attach(ClusterView* view);
    void openPalette(const QString& text = {});
    void addManifestCommands(ManifestsPage* page);
    void addDesignerCommands(Designer* designer);

private:
    void addWindowCommands();
    void addRowCommands(ClusterView* view);
    void addDockCommands(ClusterView* view);
    void addSources();
    void showRowMenu(const QPoint& globalPosition);
    void showCheatSheet();

    Workbench& m_window;
    ActionRegistry* m_registry;
    CommandPalette* m_palette;
    QPointer<Designer> m_designer; ///< The one that was shown last.
};

} // namespace keelson::ui
