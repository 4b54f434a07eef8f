// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once

#include "base/clock.h"
#include "window/leaving.h"
#include "window/options.h"
#include "window/screenshot.h"

#include "kube/kubeconfig.h"

#include <QMainWindow>
#include <QTimer>

class QLabel;
class QStackedWidget;

namespace keelson::ui {

class ClusterView;
class ConnectionLabel;
class ManifestsPage;
class WindowActions;

/// The window: opens clusters, shows one, and says below how it is connected. It asks before it closes, or goes to
/// another cluster, over what was written and not finished.
class Workbench : public QMainWindow {
    Q_OBJECT
public:
    Workbench(Options options, const Clock& clock);
    ~Workbench() override;

    /// Opens the kubeconfig of the options, or shows the page where one is chosen.
    void start();
    ClusterView* view() const { return m_view; }
    /// Goes to another cluster, once it answers. An empty context: the current one.
    void openKubeconfig(const QString& path, const QString& context);
    void toggleTheme();
    void showWelcome();
    /// The lesson on the cluster that is open; else on that of the kubeconfig, or on a new one on this machine.
    void learn(const QString& kubeconfig = {}, const QString& context = {});
    /// The page of manifests without a cluster.
    void showManifests();
    ManifestsPage* manifestsPage() const; ///< That of the cluster, or the one without; null when none is made.
    /// How far the page that the options ask for is.
    Screenshot::Progress progress() const;

protected:
    void closeEvent(QCloseEvent* event) override;

private:
    void buildStatusBar();
    void connectTo(kube::ClusterAccess access);
    void replaceView(ClusterView* view);
    void carryOver(ManifestsPage* manifests);
    Unfinished unfinished() const;
    void leave(const QString& title, const Unfinished& unfinished, const std::function<void()>& then);
    void showUnsaved();
    void saveAndLeave(const std::function<void()>& then);
    void discard(const Unfinished& unfinished);
    void showCluster();
    void refreshStatus();
    void fulfilWish();
    void selectAsAsked();
    void showAsAsked(ManifestsPage& manifests);
    void addTopButtons();
    void showLocalCluster();

    Options m_options;
    const Clock& m_clock;
    QStackedWidget* m_stack;
    ClusterView* m_view = nullptr;
    ManifestsPage* m_offline = nullptr;
    ConnectionLabel* m_connection = nullptr;
    QLabel* m_clusterLabel = nullptr;
    QLabel* m_lagLabel = nullptr;
    QLabel* m_callsLabel = nullptr;
    QTimer m_statusTimer;
    QString m_problem;
    bool m_isLeaving = false; ///< What was not finished has been dealt with.
    WindowActions* m_actions;
    QTimer m_wish; ///< Runs until what the command line asks for is there to be selected.
};

} // namespace keelson::ui
