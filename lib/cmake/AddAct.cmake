# Part of act-mlir, under the Apache License v2.0 with LLVM Exceptions.
# SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception

# Links a target against MLIR and LLVM, shared, or with ACT_STATIC_MLIR as
# act_link_archives does. Never both in one process, which would then have two
# copies of every type id.
function(act_link_mlir target)
  if(ACT_STATIC_MLIR)
    act_link_archives(${target})
  else()
    target_link_libraries(${target} PUBLIC MLIR LLVM)
  endif()
endfunction()

option(ACT_ARCHIVES "Link act-compile, act-run and the C library against \
archives: they start 15 ms sooner, and take 80 MB each" ON)

# Links a target against MLIR's and LLVM's archives: it starts sooner, as nothing
# is relocated, and carries what it needs.
function(act_link_archives target)
  get_property(libraries GLOBAL PROPERTY MLIR_ALL_LIBS)
  list(FILTER libraries EXCLUDE REGEX "Test|CAPI")
  set(archives)
  foreach(library ${libraries})
    # By file: as targets they bring libLLVM.so, some of them libMLIR.so.
    get_target_property(type ${library} TYPE)
    if(type STREQUAL STATIC_LIBRARY)
      get_target_property(archive ${library} LOCATION)
      list(APPEND archives "${archive}")
    endif()
  endforeach()
  # Of the targets, those that a tool asks for are linked.
  llvm_map_components_to_libnames(llvm ${LLVM_TARGETS_TO_BUILD} OrcJIT Passes)
  target_link_libraries(${target} PUBLIC -Wl,--start-group ${archives}
    -Wl,--end-group -Wl,--as-needed ${llvm})
  get_target_property(type ${target} TYPE)
  target_link_options(${target} PRIVATE -Wl,--gc-sections
    $<$<STREQUAL:${type},EXECUTABLE>:-no-pie>)
endfunction()

# Compile options that every C++ target of the project has.
function(act_compile_options target)
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANGUAGE:CXX>:-fno-exceptions -fvisibility-inlines-hidden>
    -Wall -Wextra -Wno-unused-parameter -ffp-contract=off)
  if(NOT LLVM_ENABLE_RTTI)
    target_compile_options(${target} PRIVATE
      $<$<COMPILE_LANGUAGE:CXX>:-fno-rtti>)
  endif()
endfunction()

# act_add_library(name sources... [DEPENDS targets...] [LINK libraries...])
function(act_add_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  act_compile_options(${name})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  if(ARG_LINK)
    target_link_libraries(${name} PUBLIC ${ARG_LINK})
  endif()
  # The build tree's headers come by include_directories, an installed
  # library's by this.
  target_include_directories(${name} INTERFACE
    $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}/include>
    $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>
    $<INSTALL_INTERFACE:include>)
  act_export(${name})
endfunction()

# Installs a library as Act::<name without "Act">.
function(act_export name)
  string(REGEX REPLACE "^Act" "" short ${name})
  set_target_properties(${name} PROPERTIES EXPORT_NAME ${short})
  add_library(Act::${short} ALIAS ${name})
  install(TARGETS ${name} EXPORT ActTargets ARCHIVE DESTINATION lib)
endfunction()

# act_add_tool(name sources... [ARCHIVES] [LINK libraries...]): ARCHIVES is for
# those that load no plugins, which would bring libMLIR.so.
function(act_add_tool name)
  cmake_parse_arguments(ARG "ARCHIVES" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  act_compile_options(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  if(ARG_ARCHIVES AND ACT_ARCHIVES)
    act_link_archives(${name})
  else()
    act_link_mlir(${name})
  endif()
  install(TARGETS ${name} RUNTIME DESTINATION bin)
endfunction()
