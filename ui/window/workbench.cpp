// SPDX-License-Identifier: GPL-3.0-or-later
#include "window/workbench.h"

#include "window/cluster_view.h"
#include "window/connection_label.h"
#include "window/dock.h"
#include "window/local_cluster_page.h"
#include "window/window_actions.h"

#include "designer/designer.h"
#include "editor/manifest_editor.h"
#include "editor/manifests_page.h"
#include "editor/yaml_tab.h"
#include "models/cluster.h"
#include "widgets/action_registry.h"
#include "widgets/icons.h"
#include "workloads/object_page.h"
#include "workloads/welcome_page.h"

#include <QApplication>
#include <QBoxLayout>
#include <QCloseEvent>
#include <QFileInfo>
#include <QLabel>
#include <QSettings>
#include <QStackedWidget>
#include <QStatusBar>
#include <QTime>
#include <QToolButton>
#include <QTreeView>

namespace keelson::ui {

namespace {

constexpr int statusRefreshMs = 500;
constexpr int wishMs = 50;
constexpr int messageMs = 10'000;
constexpr QLatin1String learnPage("learn");

} // namespace

Workbench::Workbench(Options options, const Clock& clock)
    : m_options(std::move(options)), m_clock(clock), m_stack(new QStackedWidget(this)), m_actions(nullptr)
{
    const auto remembered = QSettings().value(QStringLiteral("theme")).toString() == QLatin1String("dark")
                                ? ThemeMode::Dark
                                : ThemeMode::Light;
    Theme::apply(*qApp, m_options.theme.value_or(remembered));
    setWindowTitle(QStringLiteral("Keelson"));
    setWindowIcon(icon(QStringLiteral("keelson")));
    setCentralWidget(m_stack);
    buildStatusBar();
    m_actions = new WindowActions(*this);
    m_wish.setInterval(wishMs);
    connect(&m_wish, &QTimer::timeout, this, &Workbench::fulfilWish);
    resize(m_options.size);
}

Workbench::~Workbench()
{
    delete m_view;
}

void Workbench::buildStatusBar()
{
    m_connection = new ConnectionLabel(m_clock, this);
    m_clusterLabel = new QLabel(this);
    m_lagLabel = new QLabel(this);
    m_callsLabel = new QLabel(this);
    statusBar()->setSizeGripEnabled(false);
    statusBar()->setContentsMargins(10, 0, 10, 0);
    statusBar()->addWidget(m_connection);
    statusBar()->addWidget(m_clusterLabel, 1);
    statusBar()->addPermanentWidget(m_callsLabel);
    statusBar()->addPermanentWidget(m_lagLabel);
    for (auto* label : {m_clusterLabel, m_lagLabel, m_callsLabel})
        label->setForegroundRole(QPalette::PlaceholderText);
    m_statusTimer.setInterval(statusRefreshMs);
    connect(&m_statusTimer, &QTimer::timeout, this, &Workbench::refreshStatus);
    m_statusTimer.start();
}

void Workbench::start()
{
    auto* welcome = new WelcomePage(this);
    m_stack->addWidget(welcome);
    connect(welcome, &WelcomePage::contextChosen, this, &Workbench::openKubeconfig);
    connect(welcome, &WelcomePage::localClusterRequested, this, &Workbench::showLocalCluster);
    connect(welcome, &WelcomePage::manifestsRequested, this, &Workbench::showManifests);
    connect(welcome, &WelcomePage::learnRequested, this, &Workbench::learn);
    refreshStatus();
    if (m_options.page == QLatin1String("create")) {
        showLocalCluster();
        return;
    }
    if (m_options.page == QLatin1String("welcome"))
        return;
    const auto path = m_options.kubeconfig.isEmpty() ? kube::Kubeconfig::defaultPath() : m_options.kubeconfig;
    const bool isOfTexts = m_options.page == QLatin1String("manifests") || m_options.page == QLatin1String("designer");
    const bool isOffline = isOfTexts && m_options.kubeconfig.isEmpty() && !QFileInfo::exists(path);
    if (isOffline)
        showManifests();
    else if (!m_options.kubeconfig.isEmpty() || !m_options.context.isEmpty() || !m_options.screenshot.isEmpty() ||
             QFileInfo::exists(path))
        openKubeconfig(path, m_options.context);
}

void Workbench::showManifests()
{
    if (!m_offline) {
        m_offline = new ManifestsPage(nullptr, m_clock);
        m_stack->addWidget(m_offline);
        m_actions->addManifestCommands(m_offline);
        connect(m_offline, &ManifestsPage::backRequested, this, &Workbench::showWelcome);
        m_offline->open(m_options.open);
        m_actions->addDesignerCommands(new Designer(*m_offline));
        connect(m_offline, &ManifestsPage::designingRequested, m_offline, &ManifestsPage::setDesigning);
        m_offline->setDesigning(m_options.page == QLatin1String("designer"));
    }
    m_stack->setCurrentWidget(m_offline);
}

ManifestsPage* Workbench::manifestsPage() const
{
    if (m_offline)
        return m_offline;
    return m_view ? m_view->manifestsPage() : nullptr;
}

void Workbench::openKubeconfig(const QString& path, const QString& context)
{
    auto* welcome = qobject_cast<WelcomePage*>(m_stack->widget(0));
    auto config = kube::Kubeconfig::load(path);
    const auto access = config ? config->access(context) : Result<kube::ClusterAccess>(fail(config.error()));
    welcome->setKubeconfig(path, config ? config->contexts() : QStringList());
    if (!access) {
        m_problem = QString::fromStdString(access.error().message);
        welcome->showProblem(tr("This cluster cannot be opened"), access.error());
        return;
    }
    Unfinished texts; // manifests are no cluster's: they go on
    if (m_view)
        for (auto* text : m_view->dock().unapplied())
            texts.texts << text;
    leave(tr("Open %1").arg(access->context), texts, [this, access = *access] { connectTo(access); });
}

void Workbench::connectTo(kube::ClusterAccess access)
{
    auto* welcome = qobject_cast<WelcomePage*>(m_stack->widget(0));
    m_problem.clear();
    welcome->showConnecting(access.context, access.server.authority());
    auto cluster = std::make_unique<Cluster>(std::move(access), m_clock);
    auto* raw = cluster.get();
    auto* view = new ClusterView(std::move(cluster), this);
    connect(raw, &Cluster::connected, this, [this, view] { replaceView(view); });
    connect(raw, &Cluster::connectionFailed, this, [this, view, welcome](const Error& error) {
        m_problem = tr("cannot connect to %1: %2").arg(view->cluster().name(), QString::fromStdString(error.message));
        welcome->showProblem(tr("%1 does not answer as it should").arg(view->cluster().name()), error);
        view->deleteLater();
    });
    raw->connectNow();
}

/// The next page of manifests goes on with these; what is not saved is recovered there.
void Workbench::carryOver(ManifestsPage* manifests)
{
    for (auto* manifest : manifests->session().manifests())
        if (!manifest->path().isEmpty())
            m_options.open << manifest->path();
}

void Workbench::replaceView(ClusterView* view)
{
    if (auto* manifests = m_view ? m_view->manifestsPage() : nullptr)
        carryOver(manifests);
    delete std::exchange(m_view, nullptr); // first: its unsaved texts are free to be recovered
    if (m_offline) {
        carryOver(m_offline);
        m_options.page = m_offline->isDesigning() ? QStringLiteral("designer") : QStringLiteral("manifests");
        delete std::exchange(m_offline, nullptr);
    }
    m_view = view;
    showCluster();
}

void Workbench::showCluster()
{
    m_actions->attach(m_view);
    addTopButtons();
    if (m_options.page == learnPage) {
        m_options.page = QStringLiteral("trace");
        m_view->learn();
    }
    connect(m_view, &ClusterView::manifestsMade, this,
            [this](ManifestsPage* manifests) { manifests->open(std::exchange(m_options.open, {})); });
    m_view->showPage(m_options.page.isEmpty() || m_options.page == QLatin1String("create") ? QStringLiteral("overview")
                                                                                           : m_options.page,
                     m_options.filter);
    m_stack->addWidget(m_view); // behind the page: a list of pages without a current one shows its first
    m_stack->setCurrentWidget(m_view);
    setWindowTitle(tr("%1 – Keelson").arg(m_view->cluster().name()));
    if (!m_options.select.isEmpty() || !m_options.dock.isEmpty()) {
        m_wish.start();
        connect(m_view, &ClusterView::pageChanged, &m_wish, &QTimer::stop); // the user has gone on
    }
    refreshStatus();
}

Screenshot::Progress Workbench::progress() const
{
    if (m_options.page == QLatin1String("welcome") || m_options.page == QLatin1String("create"))
        return {true, {}};
    if (!m_problem.isEmpty())
        return {false, m_problem};
    if (m_offline)
        return {m_offline->isSettled(), {}};
    return {m_view && !m_wish.isActive() && m_view->isSettled(), {}};
}

void Workbench::fulfilWish()
{
    if (!m_view->isSettled())
        return;
    m_wish.stop();
    if (auto* manifests = m_view->manifestsPage(); manifests && manifests->current())
        showAsAsked(*manifests);
    else if (!m_options.select.isEmpty())
        selectAsAsked();
}

void Workbench::showAsAsked(ManifestsPage& manifests)
{
    if (m_options.dock == QLatin1String("apply")) {
        manifests.apply();
    } else if (m_options.dock == QLatin1String("compare")) {
        manifests.compare();
    } else if (m_options.dock == QLatin1String("proposals")) {
        manifests.editor()->goTo(manifests.current()->text().text().size());
        manifests.editor()->propose();
    }
}

void Workbench::selectAsAsked()
{
    const auto wanted = std::exchange(m_options.select, {}); // of this cluster, not of one that is opened later
    ItemPtr found;
    const auto search = [&](const QString& kind) {
        for (const auto& item : m_view->cluster().store(kind)->items())
            if (item->name.startsWith(wanted) && (!found || item->name < found->name))
                found = item;
    };
    if (auto* table = m_view->objectPage()) {
        search(table->kind().id);
        if (found)
            table->view()->setCurrentIndex(table->model()->index(table->model()->rowOf(found->uid), 0));
    } else {
        for (const auto* kind : {"deployments", "services", "pods", "nodes"})
            if (!found)
                search(QLatin1String(kind));
    }
    if (!found) {
        m_problem = tr("there is no %1 on the page").arg(wanted);
        statusBar()->showMessage(m_problem, messageMs);
        return;
    }
    if (m_options.page == QLatin1String("trace"))
        m_view->trace(found);
    else
        m_view->inspect(found);
    if (m_options.dock == QLatin1String("yaml"))
        m_view->runCommand(QStringLiteral("row.yaml"));
    else if (m_options.dock == QLatin1String("logs"))
        m_view->runCommand(QStringLiteral("row.logs"));
    else if (m_options.dock == QLatin1String("rollouts"))
        m_view->runCommand(QStringLiteral("row.rollouts"));
    else if (m_options.dock == QLatin1String("events"))
        m_view->runCommand(QStringLiteral("row.events"));
}

void Workbench::addTopButtons()
{
    for (const auto* id : {"window.palette", "window.new", "window.theme", "window.clusters"}) {
        auto* button = new QToolButton(m_view);
        button->setDefaultAction(m_actions->registry().find(QLatin1String(id)));
        button->setAutoRaise(true);
        if (QLatin1String(id) == QLatin1String("window.palette")) {
            button->setText(tr("Search or run  (Ctrl+K)"));
            button->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
        }
        m_view->topBar()->addWidget(button);
    }
}

void Workbench::toggleTheme()
{
    const auto mode = Theme::mode() == ThemeMode::Dark ? ThemeMode::Light : ThemeMode::Dark;
    Theme::apply(*qApp, mode);
    QSettings().setValue(QStringLiteral("theme"),
                         mode == ThemeMode::Dark ? QStringLiteral("dark") : QStringLiteral("light"));
}

void Workbench::showLocalCluster()
{
    auto* page = new LocalClusterPage(localcluster::LocalClusterOptions::defaults(), m_clock, this);
    m_stack->addWidget(page);
    m_stack->setCurrentWidget(page);
    connect(page, &LocalClusterPage::backRequested, this, [this, page] {
        showWelcome();
        page->deleteLater();
    });
    connect(page, &LocalClusterPage::created, this, [this, page](const QString& kubeconfig, const QString& context) {
        showWelcome();
        page->deleteLater();
        openKubeconfig(kubeconfig, context);
    });
}

void Workbench::learn(const QString& kubeconfig, const QString& context)
{
    if (m_view && m_stack->currentWidget() == m_view)
        return m_view->learn();
    m_options.page = learnPage;
    if (context.isEmpty())
        showLocalCluster();
    else
        openKubeconfig(kubeconfig, context);
}

void Workbench::showWelcome()
{
    m_stack->setCurrentIndex(0);
}

Unfinished Workbench::unfinished() const
{
    Unfinished all;
    if (m_view)
        for (auto* text : m_view->dock().unapplied())
            all.texts << text;
    if (auto* manifests = manifestsPage())
        for (auto* manifest : manifests->session().manifests())
            if (manifest->isEdited())
                all.manifests << manifest;
    return all;
}

void Workbench::closeEvent(QCloseEvent* event)
{
    const auto open = m_isLeaving ? Unfinished() : unfinished();
    event->setAccepted(open.isEmpty());
    if (!open.isEmpty())
        leave(tr("Quit Keelson"), open, [this] {
            m_isLeaving = true;
            QTimer::singleShot(0, this, &QWidget::close);
        });
}

void Workbench::leave(const QString& title, const Unfinished& open, const std::function<void()>& then)
{
    if (open.isEmpty()) {
        then();
        return;
    }
    askBeforeLeaving(this, title, open, [this, open, then](Parting parting) {
        switch (parting) {
        case Parting::Apply: // what it changes is to be seen first
            if (auto* text = open.texts.first().get()) {
                m_stack->setCurrentWidget(m_view);
                m_view->dock().show(text);
                text->apply();
            }
            break;
        case Parting::Save:
            saveAndLeave(then);
            break;
        case Parting::Discard:
            discard(open);
            then();
            break;
        case Parting::Keep: // each session keeps what it has
            then();
            break;
        case Parting::Stay:
            break;
        }
    });
}

void Workbench::saveAndLeave(const std::function<void()>& then)
{
    auto* page = manifestsPage();
    auto& session = page->session();
    page->saveAll();
    for (const auto& manifest : unfinished().manifests)
        if (manifest->path().isEmpty()) {
            page->reveal(manifest->id(), 0);
            page->saveAs(); // asks for a name
        }
    const auto connection = std::make_shared<QMetaObject::Connection>();
    const auto look = [this, &session, connection, then] {
        if (session.isBusy())
            return;
        disconnect(*connection);
        if (unfinished().isEmpty())
            then();
        else
            showUnsaved();
    };
    *connection = connect(&session, &ManifestSession::busyChanged, this, look);
    look();
}

/// The page says why.
void Workbench::showUnsaved()
{
    if (m_offline) {
        showManifests();
        return;
    }
    m_stack->setCurrentWidget(m_view);
    m_view->showPage(QStringLiteral("manifests"));
}

void Workbench::discard(const Unfinished& open)
{
    for (const auto& text : open.texts)
        if (text)
            text->discard();
    for (const auto& manifest : open.manifests)
        if (manifest)
            manifestsPage()->session().close(manifest);
}

void Workbench::refreshStatus()
{
    m_connection->setVisible(m_view != nullptr);
    if (!m_view) {
        m_clusterLabel->setText(tr("Not connected"));
        m_lagLabel->clear();
        m_callsLabel->clear();
        return;
    }
    auto& cluster = m_view->cluster();
    m_clusterLabel->setText(QStringList{cluster.name(), cluster.serverVersion()}.join(QStringLiteral("  ·  ")));
    const auto& health = cluster.health();
    m_connection->showHealth(health);
    const bool isConnected = health.state() == Reachability::State::Connected;
    m_lagLabel->setText(isConnected ? tr("%n kinds watched", nullptr, cluster.feedCount()) +
                                          tr("  ·  lag %1 ms").arg(cluster.lagMs())
                                    : tr("as of %1")
                                          .arg(QTime::currentTime()
                                                   .addMSecs(-static_cast<int>(health.silentMs()))
                                                   .toString(QStringLiteral("HH:mm:ss"))));
    const int calls = cluster.client().pendingCalls() - (health.isAsking() ? 1 : 0);
    m_callsLabel->setText(calls > 0 ? tr("%n calls pending", nullptr, calls) + QStringLiteral("  ·") : QString());
}

} // namespace keelson::ui
