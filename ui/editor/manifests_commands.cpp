// SPDX-License-Identifier: GPL-3.0-or-later
// What the page does when told: files, comparing, applying, moving about.
#include "document/diagnostics.h"
#include "document/scan.h"
#include "editor/apply_panel.h"
#include "editor/cluster_knowledge.h"
#include "editor/file_list.h"
#include "editor/find_bar.h"
#include "editor/manifest_editor.h"
#include "editor/manifests_page.h"
#include "editor/outline_panel.h"
#include "editor/problems_panel.h"
#include "manifests/placed_object.h"
#include "models/read.h"
#include "widgets/banner.h"
#include "widgets/icons.h"

#include <QCoreApplication>
#include <QDragEnterEvent>
#include <QFileDialog>
#include <QFileInfo>
#include <QKeyEvent>
#include <QListView>
#include <QMenu>
#include <QMessageBox>
#include <QMimeData>
#include <QPointer>
#include <QSplitter>
#include <QStackedWidget>
#include <QThreadPool>
#include <QToolButton>

namespace keelson::ui {

namespace {

constexpr int textHeightBelowCanvas = 200;

QString manifestFilter()
{
    return ManifestsPage::tr("Manifests (*.yaml *.yml *.json);;All files (*)");
}

/// What is wrong with a document that holds something, but no object that can be sent. Slow.
std::optional<document::Diagnostic> whyUnreadable(const std::string& text)
{
    const auto value = api::parseYaml(text);
    if (value && (value->is_object() || value->is_null()))
        return std::nullopt;
    for (auto& found : document::diagnose(text, document::Tree::read(text), document::Kinds()))
        if (found.severity == document::Severity::Error)
            return std::move(found);
    document::Diagnostic unknown;
    unknown.message = value ? "A manifest is a map" : value.error().message;
    return unknown;
}

} // namespace

void ManifestsPage::open(const QStringList& paths)
{
    for (const auto& path : paths) {
        if (QFileInfo(path).isDir())
            m_session->openFolder(path);
        else
            m_session->openFile(path);
    }
}

void ManifestsPage::create()
{
    m_session->create();
}

void ManifestsPage::chooseFile()
{
    open(QFileDialog::getOpenFileNames(this, tr("Open manifests"), {}, manifestFilter()));
}

void ManifestsPage::chooseFolder()
{
    if (const auto path = QFileDialog::getExistingDirectory(this, tr("Open a folder of manifests")); !path.isEmpty())
        open({path});
}

void ManifestsPage::save()
{
    if (!m_current)
        return;
    if (m_current->path().isEmpty())
        saveAs();
    else
        m_session->save(m_current);
}

void ManifestsPage::saveAs()
{
    if (!m_current)
        return;
    const auto path = QFileDialog::getSaveFileName(this, tr("Save the manifest"), m_current->path(), manifestFilter());
    if (!path.isEmpty())
        m_session->saveAs(m_current, path);
}

void ManifestsPage::saveAll()
{
    for (auto* manifest : m_session->manifests())
        if (manifest->isEdited() && !manifest->path().isEmpty())
            m_session->save(manifest);
}

void ManifestsPage::closeCurrent()
{
    if (!m_current)
        return;
    if (m_current->isEdited()) {
        const auto answer = QMessageBox::question(
            this, tr("Close %1").arg(m_current->name()), tr("The text has changes that are not saved."),
            QMessageBox::Save | QMessageBox::Discard | QMessageBox::Cancel, QMessageBox::Save);
        if (answer == QMessageBox::Save)
            save();
        if (answer != QMessageBox::Discard)
            return;
    }
    m_session->close(m_current);
}

void ManifestsPage::showFileMenu(const QPoint& place)
{
    if (!m_current || !m_files->currentItem())
        return;
    auto* menu = new QMenu(this);
    menu->setAttribute(Qt::WA_DeleteOnClose);
    menu->addAction(icon(QStringLiteral("save")), tr("Save"), this, &ManifestsPage::save);
    menu->addAction(tr("Save as…"), this, &ManifestsPage::saveAs);
    if (!m_current->path().isEmpty())
        menu->addAction(tr("Read from the disk again"), this, [this] { m_session->reload(m_current); });
    menu->addSeparator();
    menu->addAction(icon(QStringLiteral("close")), tr("Close"), this, &ManifestsPage::closeCurrent);
    menu->popup(m_files->viewport()->mapToGlobal(place));
}

void ManifestsPage::find(bool withReplace)
{
    if (!m_current)
        return;
    m_stack->setCurrentWidget(m_textPane);
    m_find->open(withReplace);
}

void ManifestsPage::compare()
{
    if (m_current)
        startApply({m_current}, true);
}

void ManifestsPage::apply()
{
    if (m_current)
        startApply({m_current}, false);
}

void ManifestsPage::applyAll()
{
    startApply(m_session->manifests(), false);
}

/// What keeps a document from being applied.
struct ManifestsPage::Unreadable {
    quint64 manifest = 0;
    std::size_t document = 0;
    document::Diagnostic why;
};

void ManifestsPage::startApply(const QVector<Manifest*>& manifests, bool isComparing)
{
    if (!m_apply || m_isReading)
        return;
    struct Reading {
        std::vector<std::pair<ApplySource, std::string>> texts;
        std::vector<ApplyObject> objects;
        std::optional<Unreadable> failure;
    };
    auto reading = std::make_shared<Reading>();
    for (const auto* manifest : manifests)
        for (std::size_t i = 0; i < manifest->text().documents(); ++i)
            reading->texts.push_back({{manifest->id(), i, {}}, std::string(manifest->text().textOf(i))});
    m_isReading = true;
    QThreadPool::globalInstance()->start([self = QPointer<ManifestsPage>(this), reading, isComparing] {
        for (const auto& [source, text] : reading->texts) {
            if (reading->failure)
                break;
            if (auto why = whyUnreadable(text))
                reading->failure = {source.manifest, source.document, *std::move(why)};
            else if (const auto value = api::parseYaml(text); value && value->is_object())
                for (const auto& [place, object] : manifests::objectsOf(*value))
                    reading->objects.push_back({*object, {source.manifest, source.document, place}});
        }
        QMetaObject::invokeMethod(qApp, [self, reading, isComparing] {
            if (!self)
                return;
            self->m_isReading = false;
            if (reading->failure)
                self->refuseApply(*reading->failure);
            else
                self->openApply(reading->objects, isComparing);
        });
    });
}

void ManifestsPage::refuseApply(const Unreadable& what)
{
    auto* manifest = m_session->find(what.manifest);
    if (!manifest || what.document >= manifest->text().documents())
        return;
    showManifest(manifest);
    const auto& text = std::as_const(*manifest).text();
    if (auto* shown = editor())
        shown->goTo(std::min(text.offsetOf(what.document) + what.why.span.begin, text.text().size()));
    const auto line = text.lineOf(what.document) + what.why.line + 1;
    m_banner->showMessage(StatusRole::Error, tr("%1:%2 cannot be applied").arg(manifest->name()).arg(line),
                          toText(what.why.message + "\n" + what.why.advice).trimmed());
    m_banner->setRetryVisible(false);
}

void ManifestsPage::openApply(const std::vector<ApplyObject>& objects, bool isComparing)
{
    if (objects.empty()) {
        m_banner->showMessage(StatusRole::Waiting, tr("There is nothing to apply"),
                              tr("No document of the text holds an object."));
        return;
    }
    m_banner->hide();
    m_stack->setCurrentWidget(m_apply);
    m_apply->open(objects, m_knowledge->kinds(), m_knowledge->surroundings()->defaultNameSpace, isComparing);
}

void ManifestsPage::offerToResume(const std::filesystem::path& journal)
{
    if (!m_apply)
        return;
    QThreadPool::globalInstance()->start([self = QPointer<ManifestsPage>(this), journal] {
        const auto record = manifests::ApplyJournal(journal).read();
        QMetaObject::invokeMethod(qApp, [self, journal, record] {
            if (!self || !record || record->cluster != self->m_apply->runner().clusterName())
                return;
            const auto isApplied = [](const auto& entry) {
                return entry.state == manifests::ApplyRecord::State::Applied;
            };
            const auto applied = std::ranges::count_if(record->entries, isApplied);
            self->m_banner->showMessage(StatusRole::Waiting, tr("An apply was cut off when an earlier session ended"),
                                        tr("It had applied %1 of %2 objects. It can be gone on with, or undone.")
                                            .arg(applied)
                                            .arg(record->entries.size()));
            self->m_banner->setRetryVisible(false);
            self->m_banner->offer(tr("Show it"), [self, journal, record] {
                self->m_banner->hide();
                self->m_stack->setCurrentWidget(self->m_apply);
                self->m_apply->resume(journal, *record);
            });
            self->m_banner->offer(tr("Forget it"), [self, journal] {
                self->m_banner->hide();
                manifests::ApplyJournal(journal).remove();
            });
        });
    });
}

void ManifestsPage::backToText()
{
    m_stack->setCurrentWidget(m_current || m_isDesigning ? m_textPane : m_empty);
    if (m_isDesigning)
        m_designer->setFocus();
    else if (auto* shown = editor())
        shown->setFocus();
}

document::Kinds ManifestsPage::kinds() const
{
    return m_knowledge ? m_knowledge->kinds() : document::Kinds();
}

std::string ManifestsPage::defaultNameSpace() const
{
    return m_knowledge ? m_knowledge->surroundings()->defaultNameSpace : manifests::Surroundings().defaultNameSpace;
}

void ManifestsPage::setDesigner(QWidget* designer)
{
    m_designer = designer;
    m_vertical->insertWidget(0, designer);
    m_vertical->setStretchFactor(0, 3);
    designer->setVisible(m_isDesigning);
    refreshButtons();
}

/// Some lines of text below the canvas, in any window, until the user wants it otherwise.
void ManifestsPage::shareHeight()
{
    if (!m_isDesigning || m_isShared)
        return;
    const int whole = m_vertical->height();
    const int text = std::min(whole / 3, textHeightBelowCanvas);
    m_vertical->setSizes({whole - text, text, 0});
}

void ManifestsPage::resizeEvent(QResizeEvent* event)
{
    QWidget::resizeEvent(event);
    QMetaObject::invokeMethod(this, &ManifestsPage::shareHeight, Qt::QueuedConnection); // the parts have theirs then
}

void ManifestsPage::setDesigning(bool isDesigning)
{
    m_designButton->setChecked(isDesigning);
    if (!m_designer || m_isDesigning == isDesigning)
        return;
    m_isDesigning = isDesigning;
    m_designer->setVisible(isDesigning);
    m_problems->setVisible(!isDesigning); // the cards are marked
    m_title->setText(isDesigning ? tr("Designer") : tr("Manifests"));
    shareHeight();
    showManifest(m_current);
    if (isDesigning)
        m_designer->setFocus();
}

std::size_t ManifestsPage::offsetOf(const Manifest& manifest, std::size_t document, document::Path place)
{
    const auto& text = manifest.text();
    const auto tree = text.tree(document);
    while (!place.empty() && tree->find(place) == document::noNode)
        place.pop_back(); // it is missing: what it would stand in
    if (!place.empty())
        return text.offsetOf(document) + tree->node(tree->find(place)).content.begin;
    // Behind the line that parts it from the one before.
    const auto body = text.textOf(document);
    return text.offsetOf(document) + (body.starts_with("---") ? document::nextLine(body, 0) : 0);
}

void ManifestsPage::reveal(quint64 id, std::size_t document, const document::Path& place)
{
    auto* manifest = m_session->find(id);
    if (!manifest || document >= manifest->text().documents())
        return;
    if (manifest != m_current)
        showManifest(manifest);
    if (auto* shown = editor())
        shown->reveal(offsetOf(*manifest, document, place));
}

QString ManifestsPage::placeWords(quint64 id, std::size_t document, const document::Path& place) const
{
    const auto* manifest = m_session->find(id);
    if (!manifest || document >= manifest->text().documents())
        return {};
    const auto before = std::string_view(manifest->text().text()).substr(0, offsetOf(*manifest, document, place));
    return QStringLiteral("%1:%2").arg(manifest->name()).arg(std::ranges::count(before, '\n') + 1);
}

void ManifestsPage::goTo(quint64 id, std::size_t document, const document::Path& place)
{
    reveal(id, document, place);
    backToText();
}

void ManifestsPage::showError(const QString& what, const Error& error)
{
    m_banner->showError(what, error);
    m_banner->setRetryVisible(false);
}

void ManifestsPage::showNotice(StatusRole role, const QString& title, const QString& detail)
{
    m_banner->showMessage(role, title, detail);
    m_banner->setRetryVisible(false);
}

void ManifestsPage::goToProblem(bool forward)
{
    if (auto* shown = editor())
        shown->goToFinding(forward);
}

void ManifestsPage::nextPane()
{
    const QVector<QWidget*> panes{m_designer, editor(), m_problems->list(), m_files, m_outline};
    qsizetype here = 0;
    for (qsizetype i = 0; i < panes.size(); ++i)
        if (panes[i] && (panes[i]->hasFocus() || panes[i]->isAncestorOf(focusWidget())))
            here = i;
    for (qsizetype step = 1; step <= panes.size(); ++step)
        if (auto* pane = panes[(here + step) % panes.size()]; pane && pane->isVisible()) {
            pane->setFocus(Qt::TabFocusReason);
            return;
        }
}

bool ManifestsPage::event(QEvent* event)
{
    // The commands on the rows of tables have keys without modifiers; here, keys are for writing.
    if (event->type() == QEvent::ShortcutOverride) {
        const auto* key = static_cast<QKeyEvent*>(event);
        const bool isPlain = !(key->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier));
        const bool isWriting =
            isPlain && key->key() != Qt::Key_Escape && (key->key() < Qt::Key_F1 || key->key() > Qt::Key_F35);
        const bool endsSearch = key->key() == Qt::Key_Escape && m_find->isAncestorOf(focusWidget());
        if (isWriting || endsSearch || (key->modifiers() == Qt::ControlModifier && key->key() == Qt::Key_D)) {
            event->accept();
            return true;
        }
    }
    return QWidget::event(event);
}

void ManifestsPage::showEvent(QShowEvent* event)
{
    QWidget::showEvent(event);
    if (m_knowledge && !std::exchange(m_isActive, true))
        m_knowledge->setActive(true);
    m_session->lookAtDisk();
    if (!std::exchange(m_hasRecovered, true))
        m_session->recover();
}

void ManifestsPage::hideEvent(QHideEvent* event)
{
    QWidget::hideEvent(event);
    if (m_knowledge && std::exchange(m_isActive, false))
        m_knowledge->setActive(false);
}

void ManifestsPage::dragEnterEvent(QDragEnterEvent* event)
{
    if (event->mimeData()->hasUrls())
        event->acceptProposedAction();
}

void ManifestsPage::dropEvent(QDropEvent* event)
{
    QStringList paths;
    for (const auto& url : event->mimeData()->urls())
        if (url.isLocalFile())
            paths << url.toLocalFile();
    open(paths);
    event->acceptProposedAction();
}

} // namespace keelson::ui
