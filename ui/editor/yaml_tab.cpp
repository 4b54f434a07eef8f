// SPDX-License-Identifier: GPL-3.0-or-later
#include "editor/yaml_tab.h"

#include "editor/cluster_knowledge.h"
#include "editor/manifest_editor.h"
#include "editor/yaml_view.h"
#include "manifests/hints.h"
#include "models/read.h"
#include "widgets/banner.h"
#include "widgets/icons.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QPushButton>
#include <QStackedLayout>

#include <algorithm>

namespace keelson::ui {

namespace {

QString newManifest(const QString& nameSpace)
{
    return QStringLiteral("apiVersion: apps/v1\n"
                          "kind: Deployment\n"
                          "metadata:\n"
                          "  name: web\n"
                          "  namespace: %1\n"
                          "spec:\n"
                          "  replicas: 2\n"
                          "  selector:\n"
                          "    matchLabels:\n"
                          "      app: web\n"
                          "  template:\n"
                          "    metadata:\n"
                          "      labels:\n"
                          "        app: web\n"
                          "    spec:\n"
                          "      containers:\n"
                          "        - name: web\n"
                          "          image: nginx\n"
                          "          ports:\n"
                          "            - containerPort: 80\n")
        .arg(nameSpace);
}

} // namespace

YamlTab::YamlTab(Cluster& cluster, const ItemPtr& item, QWidget* parent)
    : QWidget(parent),
      m_cluster(cluster),
      m_knowledge(ClusterKnowledge::of(cluster)),
      m_item(item),
      m_session(QString()),
      m_manifest(m_session.create()),
      m_checker(m_session, &m_knowledge),
      m_editor(new ManifestEditor(this)),
      m_diff(new YamlView(this)),
      m_stack(new QStackedLayout),
      m_banner(new Banner(this))
{
    auto* column = new QVBoxLayout(this);
    column->setContentsMargins(0, 0, 0, 0);
    column->setSpacing(0);
    column->addWidget(buildBar());
    column->addWidget(m_banner);
    m_stack->addWidget(m_editor);
    m_stack->addWidget(m_diff);
    column->addLayout(m_stack, 1);
    std::set<std::string, std::less<>> practices;
    for (const auto& practice : manifests::practices())
        practices.emplace(practice.code);
    m_checker.setSwitchedOff(std::move(practices));
    m_editor->bind(&m_manifest->text());
    m_editor->setKnowledge(
        [this] { return EditorKnowledge{m_knowledge.kinds(), m_checker.surroundings(), m_manifest->id()}; });
    connect(m_manifest, &Manifest::changed, this, &YamlTab::changed);
    connect(m_manifest, &Manifest::changed, &m_checker, &ManifestChecker::schedule);
    connect(&m_checker, &ManifestChecker::checked, this, &YamlTab::checked);
    connect(m_banner, &Banner::retry, this, [this] {
        if (m_isLoaded)
            apply();
        else
            load();
    });
    m_knowledge.setActive(true);
    if (m_item) {
        load();
    } else {
        m_isLoaded = true;
        replaceText(newManifest(cluster.client().access().nameSpace));
    }
    refreshButtons();
}

YamlTab::~YamlTab()
{
    m_knowledge.setActive(false);
    delete m_editor; // before the text that it shows
}

QWidget* YamlTab::buildBar()
{
    auto* bar = new QWidget(this);
    auto* row = new QHBoxLayout(bar);
    row->setContentsMargins(12, 6, 8, 6);
    row->setSpacing(8);
    m_state = new QLabel(bar);
    m_state->setForegroundRole(QPalette::PlaceholderText);
    m_reload = new QPushButton(icon(QStringLiteral("refresh")), tr("Reload"), bar);
    m_compare = new QPushButton(icon(QStringLiteral("diff")), tr("Compare"), bar);
    m_compare->setToolTip(tr("Compare with what is live (Ctrl+Alt+D)"));
    m_apply = new QPushButton(tr("Apply…"), bar);
    m_apply->setDefault(true);
    m_apply->setToolTip(tr("Let the server try it, and show what would change (Ctrl+Alt+S)"));
    row->addWidget(m_state, 1);
    row->addWidget(m_reload);
    row->addWidget(m_compare);
    row->addWidget(m_apply);
    connect(m_reload, &QPushButton::clicked, this, &YamlTab::load);
    connect(m_compare, &QPushButton::clicked, this, [this] {
        if (isComparing())
            backToText();
        else
            showDiff();
    });
    connect(m_apply, &QPushButton::clicked, this, [this] {
        if (isComparing() && m_isProven)
            confirmApply();
        else
            apply();
    });
    return bar;
}

QString YamlTab::text() const
{
    return QString::fromStdString(std::as_const(*m_manifest).text().text());
}

void YamlTab::setText(const QString& text)
{
    m_manifest->text().setText(text.toStdString(), "Edit");
}

void YamlTab::replaceText(const QString& text)
{
    m_manifest->text().setText(text.toStdString(), "Reload");
    m_manifest->text().markClean();
    m_editor->goTo(0);
}

void YamlTab::changed()
{
    m_isProven = false;
    refreshButtons();
}

bool YamlTab::isComparing() const
{
    return m_stack->currentWidget() == m_diff;
}

void YamlTab::backToText()
{
    m_stack->setCurrentWidget(m_editor);
    refreshButtons();
}

void YamlTab::refreshButtons()
{
    const bool isNew = !m_item;
    m_reload->setVisible(!isNew);
    m_compare->setVisible(!isNew);
    m_compare->setText(isComparing() ? tr("Back to the text") : tr("Compare"));
    m_apply->setText(isComparing() && m_isProven ? tr("Apply now") : tr("Apply…"));
    m_apply->setEnabled(m_isLoaded && (isNew || isEdited()));
    if (!m_problems.empty())
        m_state->setText(tr("%n problems", nullptr, static_cast<int>(m_problems.size())));
    else if (isComparing() && m_isProven)
        m_state->setText(tr("The server accepts it. This is what would change."));
    else if (m_isLoaded)
        m_state->setText(isNew ? tr("New object, valid") : isEdited() ? tr("Edited, valid") : tr("As it is live"));
    else
        m_state->setText(tr("Loading…"));
}

void YamlTab::load()
{
    kube::Request request;
    request.path = m_item->kind->path(m_item->nameSpace, m_item->name);
    m_cluster.client().send(request, this, [this](const Result<kube::Response>& answer) {
        if (!answer) {
            m_banner->showError(tr("%1 cannot be read").arg(m_item->name), answer.error());
            return;
        }
        m_banner->hide();
        m_live = answer->document ? toText(manifests::readableYaml(*answer->document)) : QString();
        m_isLoaded = true;
        replaceText(m_live);
        backToText();
    });
}

void YamlTab::checked()
{
    m_problems.clear();
    std::ranges::copy_if(m_checker.findings(), std::back_inserter(m_problems),
                         [](const Finding& finding) { return finding.what.severity != document::Severity::Hint; });
    m_editor->setFindings(m_problems);
    refreshButtons();
    emit problemsChanged();
}

Result<kube::Request> YamlTab::request(bool dryRun) const
{
    TRY_ASSIGN(const auto object, std::as_const(*m_manifest).text().value(0));
    kube::Request request;
    request.body = QByteArray::fromStdString(api::writeJson(object));
    if (m_item) {
        request.method = "PUT";
        request.path = m_item->kind->path(m_item->nameSpace, m_item->name);
    } else {
        const auto version = textAt(object, {"apiVersion"});
        const auto* kind = m_knowledge.kinds().find(version.toStdString(), api::stringAt(object, {"kind"}));
        if (!kind)
            return fail(Reason::BadRequest, "the cluster has no kind " + std::string(api::stringAt(object, {"kind"})) +
                                                " of " + version.toStdString());
        auto space = textAt(object, {"metadata", "namespace"});
        if (space.isEmpty())
            space = m_cluster.client().access().nameSpace;
        request.method = "POST";
        request.path =
            (version.contains(QLatin1Char('/')) ? QStringLiteral("/apis/") : QStringLiteral("/api/")) + version;
        if (kind->namespaced)
            request.path += QStringLiteral("/namespaces/") + (space.isEmpty() ? QStringLiteral("default") : space);
        request.path += QLatin1Char('/') + toText(kind->plural);
    }
    request.query.addQueryItem(QStringLiteral("fieldManager"), QStringLiteral("keelson"));
    request.query.addQueryItem(QStringLiteral("fieldValidation"), QStringLiteral("Strict"));
    if (dryRun)
        request.query.addQueryItem(QStringLiteral("dryRun"), QStringLiteral("All"));
    return request;
}

void YamlTab::send(bool dryRun, const kube::ApiClient::Answer& answer)
{
    if (const auto call = request(dryRun))
        m_cluster.client().send(*call, this, answer);
    else
        answer(fail(call.error()));
}

void YamlTab::apply()
{
    m_banner->hide();
    send(true, [this](const Result<kube::Response>& answer) {
        if (!answer) {
            m_banner->showError(tr("The server refuses this"), answer.error());
            return;
        }
        m_isProven = true;
        showDifference(answer->document ? toText(manifests::readableYaml(*answer->document)) : text());
        m_stack->setCurrentWidget(m_diff);
        refreshButtons();
    });
}

void YamlTab::confirmApply()
{
    send(false, [this](const Result<kube::Response>& answer) {
        m_isProven = false;
        if (!answer) {
            m_banner->showError(tr("It was not applied"), answer.error());
            backToText();
            return;
        }
        if (m_item && answer->document) {
            m_live = toText(manifests::readableYaml(*answer->document));
            replaceText(m_live);
        }
        backToText();
        emit applied(
            m_item
                ? tr("%1 applied").arg(m_item->name)
                : tr("%1 created").arg(answer->document ? textAt(*answer->document, {"metadata", "name"}) : QString()));
    });
}

void YamlTab::showDifference(const QString& wanted)
{
    m_diff->showDiff(manifests::diffLines(m_live.toStdString(), wanted.toStdString()));
}

void YamlTab::showDiff()
{
    showDifference(text());
    m_stack->setCurrentWidget(m_diff);
    refreshButtons();
}

} // namespace keelson::ui
