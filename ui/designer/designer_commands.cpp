// SPDX-License-Identifier: GPL-3.0-or-later
// What the designer does when told: adding, connecting, deleting, copying, templates and imports.
#include "design/compose.h"
#include "designer/designer.h"
#include "designer/form_panel.h"
#include "designer/ghost_watch.h"
#include "designer/import_dialog.h"
#include "editor/manifest_editor.h"
#include "editor/manifests_page.h"
#include "models/read.h"
#include "widgets/icons.h"
#include "widgets/theme.h"

#include <QClipboard>
#include <QCoreApplication>
#include <QFile>
#include <QFileDialog>
#include <QFileInfo>
#include <QGuiApplication>
#include <QImage>
#include <QMenu>
#include <QPainter>
#include <QPointer>
#include <QStackedLayout>
#include <QThreadPool>
#include <QToolButton>

namespace keelson::ui {

using design::CardId;
using design::noCard;

namespace {

constexpr double pictureScale = 2;
constexpr QSize pictureMax{16'000, 16'000};
constexpr qint64 composeBytesMax = qint64{2} * 1024 * 1024;

Result<std::string> readText(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly))
        return fail(Reason::NotFound, file.errorString().toStdString());
    if (file.size() > composeBytesMax)
        return fail(Reason::RequestEntityTooLarge, "the file is larger than 2 MiB");
    return file.readAll().toStdString();
}

} // namespace

void Designer::dragIn(const QString& kind, const QPoint& globalPosition)
{
    m_stack->setCurrentWidget(m_view);
    const auto at = m_view->mapFromGlobal(globalPosition);
    m_view->setGhost(m_view->rect().contains(at) ? kind : QString(), at);
}

void Designer::dropIn(const QString& kind, const QPoint& globalPosition)
{
    m_view->setGhost({}, {});
    const auto at = m_view->mapFromGlobal(globalPosition);
    if (!m_model->isEmpty())
        m_view->hold();
    if (m_view->rect().contains(at))
        addAt(kind, m_view->placeAt(at), m_view->cardAt(at));
    refreshEmpty();
}

void Designer::add(const QString& kind)
{
    addAt(kind, m_view->centre(), noCard);
}

void Designer::addAt(const QString& kind, design::Place at, CardId onto)
{
    const auto* entry = design::paletteEntry(kind.toStdString());
    if (!entry)
        return;
    const auto made = m_model->add(*entry, at);
    if (made.empty())
        return;
    m_view->select(made);
    m_view->reveal(*made.begin());
    m_view->setFocus();
    // Dropped onto a card: it is to be connected to it.
    if (onto != noCard)
        offerRelations(*made.begin(), onto, QCursor::pos());
}

void Designer::offerRelations(CardId from, CardId to, const QPoint& globalPosition)
{
    const auto a = m_model->indexOf(from);
    const auto b = m_model->indexOf(to);
    if (!a || !b)
        return;
    const auto offers = design::offersBetween(m_model->cards(), *a, *b);
    if (offers.size() == 1)
        carryOut(offers.front());
    if (offers.size() < 2)
        return;
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("offers"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    for (const auto& offer : offers)
        menu->addAction(toText(offer.title), this, [this, offer] { carryOut(offer); });
    menu->popup(globalPosition);
    menu->setActiveAction(menu->actions().first());
}

void Designer::carryOut(const design::Offer& offer)
{
    if (const auto done = m_model->connectCards(offer); !done)
        m_page.showError(tr("They were not connected"), done.error());
}

void Designer::removeSelected()
{
    if (const auto* relation = m_view->selectedRelation()) {
        if (const auto done = m_model->disconnectCards(*relation); !done)
            m_view->say(toText(done.error().message));
        return;
    }
    if (m_view->selected().empty())
        return;
    if (const auto done = m_model->remove(m_view->selected()); !done)
        m_page.showError(tr("Not all of them were deleted"), done.error());
}

void Designer::copy()
{
    if (!m_view->selected().empty())
        QGuiApplication::clipboard()->setText(toText(m_model->copy(m_view->selected())));
}

void Designer::cut()
{
    copy();
    if (!m_view->selected().empty())
        removeSelected();
}

void Designer::paste()
{
    const auto text = QGuiApplication::clipboard()->text();
    if (text.isEmpty())
        return;
    const auto made = m_model->paste(text.toStdString(), m_view->centre(), tr("Paste"));
    if (made)
        m_view->select(*made);
    else
        m_view->say(tr("The clipboard holds no manifest: %1").arg(toText(made.error().message)));
}

void Designer::duplicate()
{
    if (m_view->selected().empty())
        return;
    const auto made = m_model->duplicate(m_view->selected());
    if (made)
        m_view->select(*made);
    else
        m_view->say(toText(made.error().message));
}

void Designer::showMenu(const QPoint& globalPosition)
{
    auto* menu = new QMenu(this);
    menu->setObjectName(QStringLiteral("card"));
    menu->setAttribute(Qt::WA_DeleteOnClose);
    const bool isAny = !m_view->selected().empty();
    const auto entry = [&](const char* name, const QString& text, bool isEnabled, auto run) {
        menu->addAction(icon(QLatin1String(name)), text, this, run)->setEnabled(isEnabled);
    };
    entry("connect", tr("Connect…"), m_view->selected().size() == 1,
          [this] { m_view->startConnecting(*m_view->selected().begin()); });
    entry("edit", tr("Show the text"), m_view->selected().size() == 1, [this] {
        if (auto* editor = m_page.editor())
            editor->setFocus();
    });
    addCures(*menu);
    menu->addSeparator();
    entry("copy", tr("Copy"), isAny, [this] { copy(); });
    entry("yaml", tr("Paste"), !QGuiApplication::clipboard()->text().isEmpty(), [this] { paste(); });
    entry("plus", tr("Duplicate"), isAny, [this] { duplicate(); });
    entry("delete", tr("Delete"), isAny || m_view->selectedRelation(), [this] { removeSelected(); });
    menu->addSeparator();
    auto* alignMenu = menu->addMenu(tr("Align"));
    fillAlignMenu(*alignMenu);
    alignMenu->setEnabled(m_view->selected().size() > 1);
    addGroupEntries(*menu);
    entry("save", tr("Save a picture of the canvas…"), true, [this] { choosePicture(); });
    menu->popup(globalPosition);
}

void Designer::addGroupEntries(QMenu& menu)
{
    const bool isGroup = m_view->hasGroupSelected();
    menu.addAction(icon(QStringLiteral("group")), tr("Group"), m_view, &DesignView::groupSelected)
        ->setEnabled(m_view->selected().size() > 1);
    menu.addAction(tr("Ungroup"), m_view, &DesignView::ungroupSelected)->setEnabled(isGroup);
    menu.addAction(tr("Rename the group…"), m_view, [this] { m_view->renameGroup({}); })->setEnabled(isGroup);
    menu.addAction(tr("Fold or unfold the group"), m_view, &DesignView::foldSelected)->setEnabled(isGroup);
    menu.addSeparator();
}

/// What can be done about the problems of the selected card, as in its text.
void Designer::addCures(QMenu& menu)
{
    const auto* card = m_view->selected().size() == 1 ? m_model->find(*m_view->selected().begin()) : nullptr;
    if (!card)
        return;
    for (const auto& finding : m_page.checker().findings()) {
        if (cardOf(finding) != card || finding.what.severity == document::Severity::Hint)
            continue;
        for (const auto& cure : finding.what.cures)
            menu.addAction(icon(QStringLiteral("check")), toText(cure.title), this, [this, finding, cure] {
                m_page.reveal(finding.manifest, finding.document);
                if (auto* editor = m_page.editor())
                    editor->carryOut(finding, cure);
            });
    }
}

Result<Done> Designer::exportPicture(const QString& path)
{
    const auto size = m_view->pictureSize() * pictureScale;
    if (size.isEmpty())
        return fail(Reason::NotFound, "there is nothing on the canvas");
    QImage picture(size.toSize().boundedTo(pictureMax), QImage::Format_ARGB32_Premultiplied);
    picture.fill(Theme::tokens().window);
    QPainter painter(&picture);
    m_view->renderAll(painter, picture.rect());
    painter.end();
    if (!picture.save(path, "PNG"))
        return fail(Reason::Forbidden, "the file cannot be written");
    return Done{};
}

void Designer::choosePicture()
{
    const auto path = QFileDialog::getSaveFileName(this, tr("Save a picture of the canvas"),
                                                   QStringLiteral("canvas.png"), tr("Pictures (*.png)"));
    if (path.isEmpty())
        return;
    if (const auto done = exportPicture(path); !done)
        m_page.showError(tr("The picture was not saved"), done.error());
}

void Designer::fillAddMenu(QMenu& menu)
{
    menu.addSection(tr("Templates"));
    for (const auto* one : design::templatesOf(m_page.kinds())) {
        auto* action = menu.addAction(icon(QStringLiteral("template")), toText(one->title), this,
                                      [this, one] { insertTemplate(*one); });
        action->setToolTip(toText(one->purpose));
    }
    menu.setToolTipsVisible(true);
    menu.addSection(tr("Import"));
    menu.addAction(icon(QStringLiteral("cluster")), tr("From the cluster…"), this, &Designer::importFromCluster)
        ->setEnabled(m_page.cluster() != nullptr);
    menu.addAction(icon(QStringLiteral("open")), tr("Files…"), &m_page, &ManifestsPage::chooseFile);
    menu.addAction(icon(QStringLiteral("folder")), tr("A folder…"), &m_page, &ManifestsPage::chooseFolder);
    menu.addAction(icon(QStringLiteral("import")), tr("A Compose file…"), this, &Designer::chooseCompose);
}

void Designer::chooseCompose()
{
    const auto path = QFileDialog::getOpenFileName(this, tr("Import a Compose file"), {},
                                                   tr("Compose files (*.yaml *.yml);;All files (*)"));
    if (!path.isEmpty())
        importCompose(path);
}

void Designer::arrange()
{
    m_model->arrange(static_cast<double>(m_view->width()) / std::max(1, m_view->height()));
    m_view->fit();
}

bool Designer::hasGhosts() const
{
    return m_ghosts && m_ghostButton->isChecked();
}

void Designer::showMade(const CardSet& made)
{
    if (made.empty())
        return;
    m_view->fit();
    m_view->select(made);
    m_view->setFocus();
}

void Designer::insertTemplate(const design::Template& one)
{
    const auto made = m_model->addStream(design::templateText(one, m_model->cards()), m_view->centre(),
                                         tr("Insert %1").arg(toText(one.title)));
    if (made)
        showMade(*made);
}

void Designer::insertObjects(const std::vector<api::Value>& objects, const QString& label)
{
    if (!objects.empty())
        showMade(m_model->addObjects(objects, m_view->centre(), label));
}

void Designer::importFromCluster()
{
    if (!m_page.cluster()) {
        m_view->say(tr("No cluster is connected"));
        return;
    }
    auto* dialog = new ImportDialog(*m_page.cluster(), m_page.kinds(), this);
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    connect(dialog, &QDialog::accepted, this,
            [this, dialog] { insertObjects(dialog->manifests(), tr("Import from %1").arg(m_page.cluster()->name())); });
    dialog->open();
}

void Designer::importCompose(const QString& path)
{
    QThreadPool::globalInstance()->start([self = QPointer<Designer>(this), path] {
        auto text = readText(path);
        QMetaObject::invokeMethod(qApp, [self, path, text = std::move(text)] {
            if (self)
                self->insertCompose(text, QFileInfo(path).fileName());
        });
    });
}

void Designer::insertCompose(const Result<std::string>& text, const QString& name)
{
    const auto converted = text ? design::fromCompose(*text) : Result<design::ComposeResult>(fail(text.error()));
    if (!converted) {
        m_page.showError(tr("%1 was not imported").arg(name), converted.error());
        return;
    }
    // What was left out stays readable where the rest is.
    std::string stream = tr("# From %1").arg(name).toStdString() + "\n";
    for (const auto& note : converted->notes)
        stream += "# " + note.place + ": " + note.message + "\n";
    for (std::size_t i = 0; i < converted->objects.size(); ++i)
        stream += (i > 0 ? "---\n" : "") + api::writeYaml(converted->objects[i]);
    const auto made = m_model->addStream(stream, m_view->centre(), tr("Import %1").arg(name));
    if (!made) {
        m_page.showError(tr("%1 was not imported").arg(name), made.error());
        return;
    }
    showMade(*made);
    if (!converted->notes.empty())
        m_page.showNotice(
            StatusRole::Waiting,
            tr("%n parts of %1 have no counterpart", nullptr, static_cast<int>(converted->notes.size())).arg(name),
            tr("They are listed as comments above the first document."));
}

void Designer::setGhosts(bool isShown)
{
    m_ghostButton->setChecked(isShown);
    if (m_ghosts)
        m_ghosts->setActive(isShown);
}

} // namespace keelson::ui
